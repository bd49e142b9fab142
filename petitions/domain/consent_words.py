"""The consent that a new petition begins with, in the languages that there are words for.

Organisers change them for their petition. They name no official: the form lists those who get names
right above. A petition in another language begins with empty fields, never with English.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultConsent:
    """The risk told, the consent asked, and the one for news."""

    risk: str
    consent: str
    news: str


def default_consent(language: str) -> DefaultConsent:
    """Return the words that a new petition begins with; empty where there are none."""
    return _WORDS.get(language) or DefaultConsent("", "", "")


def default_closing(language: str) -> str:
    """Return how a letter ends by default, or nothing."""
    return _CLOSINGS.get(language, "")


_CLOSINGS = {
    "en": "Yours sincerely,",
    "ru": "С уважением,",
    "fr": "Je vous prie d’agréer l’expression de ma haute considération.",
    "es": "Le saluda atentamente,",
    "uz": "Hurmat bilan,",
    "ar": "وتفضلوا بقبول فائق الاحترام،",
}
_WORDS = {
    "en": DefaultConsent(
        risk=(
            "The officials named here get what you choose to show, and may keep it. Among them may"
            " be those who do harm. If you, your family, your papers or your travel connect you"
            " with a state that this petition is addressed to, wherever you live, choose “only"
            " count me”, or do not sign."
        ),
        consent=(
            "I agree that my signature is handed over to the officials named in this form, showing"
            " no more than I choose (name, town and country; or initials and country; or only"
            " counted). All others to whom the petition goes get the letter and the numbers only."
            " I know that signing may show my political opinion, and that I can withdraw; a list"
            " already handed over cannot be called back."
        ),
        news=(
            "Send me news of this case by e-mail. My address is then kept, sealed, until I"
            " unsubscribe. Officials never get it."
        ),
    ),
    "ru": DefaultConsent(
        risk=(
            "Названные здесь должностные лица получат то, что вы решите показать, и могут это"
            " сохранить. Среди них могут быть и те, кто причиняет зло. Если вас, вашу семью, ваши"
            " документы или поездки что-либо связывает с государством, к которому обращена эта"
            " петиция, где бы вы ни жили, выберите «только учесть меня в числе» или не"
            " подписывайте."
        ),
        consent=(
            "Я соглашаюсь с тем, что моя подпись в том виде, который я выбираю (имя, населённый"
            " пункт и страна; или инициалы и страна; или только в общем числе), передаётся"
            " должностным лицам, названным в этой форме. Все остальные адресаты получают только"
            " письмо и число подписей. Я понимаю, что подпись может раскрывать мои политические"
            " взгляды и что её можно отозвать, но уже переданный список вернуть нельзя."
        ),
        news=(
            "Присылайте мне новости об этом деле по электронной почте. Тогда мой адрес хранится в"
            " зашифрованном виде, пока я не откажусь от рассылки. Должностные лица его не получают."
        ),
    ),
    "fr": DefaultConsent(
        risk=(
            "Les responsables nommés ici reçoivent ce que vous choisissez de montrer, et peuvent le"
            " conserver. Il peut s’y trouver des personnes qui font du mal. Si vous-même, votre"
            " famille, vos papiers ou vos voyages vous relient à un État auquel cette pétition"
            " s’adresse, où que vous viviez, choisissez « me compter seulement », ou ne signez"
            " pas."
        ),
        consent=(
            "J’accepte que ma signature soit remise aux responsables nommés dans ce formulaire,"
            " sans montrer plus que ce que je choisis (nom, localité et pays ; ou initiales et"
            " pays ; ou seulement le nombre). Tous les autres destinataires ne reçoivent que la"
            " lettre et les nombres. Je sais que signer peut révéler mes opinions politiques, et"
            " que je peux retirer ma signature ; une liste déjà remise ne peut pas être reprise."
        ),
        news=(
            "Envoyez-moi des nouvelles de ce cas par courriel. Mon adresse est alors conservée,"
            " chiffrée, jusqu’à mon désabonnement. Les responsables ne la reçoivent jamais."
        ),
    ),
    "es": DefaultConsent(
        risk=(
            "Las autoridades nombradas aquí reciben lo que usted decida mostrar, y pueden"
            " conservarlo. Entre ellas puede haber quienes hacen daño. Si usted, su familia, sus"
            " documentos o sus viajes tienen relación con un Estado al que se dirige esta petición,"
            " viva donde viva, elija «solo contarme», o no firme."
        ),
        consent=(
            "Acepto que mi firma se entregue a las autoridades nombradas en este formulario, sin"
            " mostrar más de lo que yo elija (nombre, localidad y país; o iniciales y país; o solo"
            " en el número). Los demás destinatarios reciben únicamente la carta y los números. Sé"
            " que firmar puede revelar mi opinión política y que puedo retirar mi firma; una lista"
            " ya entregada no se puede recuperar."
        ),
        news=(
            "Envíenme noticias de este caso por correo electrónico. Mi dirección se guarda"
            " entonces, cifrada, hasta que me dé de baja. Las autoridades nunca la reciben."
        ),
    ),
    "uz": DefaultConsent(
        risk=(
            "Bu yerda nomi keltirilgan mansabdor shaxslar Siz koʻrsatishga rozi boʻlgan"
            " maʼlumotni oladi va uni saqlab qolishi mumkin. Ular orasida yomonlik qilayotganlar"
            " ham boʻlishi mumkin. Agar Siz, oilangiz, hujjatlaringiz yoki safarlaringiz ushbu"
            " petitsiya qaratilgan davlat bilan bogʻliq boʻlsa, qayerda yashashingizdan qatʼi"
            " nazar, “faqat hisobga oling”ni tanlang yoki imzolamang."
        ),
        consent=(
            "Imzom men tanlaganimdan ortiq hech narsani koʻrsatmagan holda (ism, shahar va"
            " mamlakat; yoki bosh harflar va mamlakat; yoki faqat sanoqda) ushbu shaklda nomi"
            " keltirilgan mansabdor shaxslarga topshirilishiga roziman. Boshqa barcha manzillarga"
            " faqat xat va imzolar soni yuboriladi. Imzolash siyosiy qarashlarimni koʻrsatishi"
            " mumkinligini va imzomni qaytarib olishim mumkinligini bilaman; topshirilgan"
            " roʻyxatni esa qaytarib boʻlmaydi."
        ),
        news=(
            "Menga bu ish haqidagi yangiliklarni elektron pochta orqali yuboring. Bunda manzilim"
            " men obunani bekor qilgunimcha shifrlangan holda saqlanadi. Mansabdor shaxslar uni"
            " hech qachon olmaydi."
        ),
    ),
    "ar": DefaultConsent(
        risk=(
            "يتسلّم المسؤولون المذكورون هنا ما تختار إظهاره، وقد يحتفظون به. وقد يكون بينهم من"
            " يُلحق الأذى بالناس. إذا كان لك أو لأسرتك أو لوثائقك أو لأسفارك صلة بدولة موجَّهة"
            " إليها هذه العريضة، أيًّا كان مكان إقامتك، فالخيار هو «احتسابي فقط» أو عدم التوقيع."
        ),
        consent=(
            "أوافق على تسليم توقيعي إلى المسؤولين المذكورين في هذه الاستمارة، من دون إظهار أكثر"
            " مما أختاره (الاسم والبلدة والبلد؛ أو الأحرف الأولى والبلد؛ أو العدد فقط). أما سائر"
            " من تُرسل إليهم العريضة فيتسلّمون الرسالة والأعداد فقط. أعلم أن التوقيع قد يكشف رأيي"
            " السياسي، وأن بإمكاني سحبه؛ لكن القائمة التي سُلّمت لا يمكن استرجاعها."
        ),
        news=(
            "أرسلوا إليّ أخبار هذه القضية بالبريد الإلكتروني. يُحفظ عنواني عندئذ مشفّرًا إلى أن"
            " ألغي الاشتراك. ولا يتسلّمه المسؤولون أبدًا."
        ),
    ),
}
