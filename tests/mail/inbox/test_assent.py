"""A person's yes is one in many languages; what programs answer for people never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.assent import Answer, read_answer
from recommender.mail.inbox.program_words import has_subject_of_programs

NAME = "Trending papers"
OURS = f"Confirm your subscription to {NAME}"


def answer(text: str, *, subject: str = f"Re: {OURS}", answers_our_mail: bool = True) -> Answer:
    return read_answer(subject, text, list_name=NAME, answers_our_mail=answers_our_mail)


YES = [
    *(
        "ok",
        "OK!",
        "Okay, thanks",
        "Yes",
        "yes.",
        "Yes please",
        "YES PLEASE!!!",
        "y",
        "yep",
        "Sure",
    ),
    *("sure, sent from my iPhone", "Yes, I would like to subscribe.", "Of course", "please do"),
    *("I confirm", "Confirmed.", "Hi,\n\nyes, that was me.\n\nBest,\nJane", "go ahead :)", "👍"),
    *("Ja, gerne", "Ja bitte", "Jawohl", "Einverstanden", "Ich bestätige", "Hallo,\n\nja.\n\nGruß"),
    *("Oui", "oui, je confirme", "D'accord", "Bien sûr !", "Bonjour,\noui merci", "ok merci"),
    *("Sí", "si", "Sí, por favor", "Vale", "De acuerdo", "Confirmo", "Sì", "Va bene", "Certo!"),
    *("Sim", "Sim, por favor", "Confirmo a minha inscrição", "Ja graag", "Akkoord", "Ja, prima"),
    *("Ja tack", "Ja, gärna", "Ja tak", "Ja takk", "Jeg bekræfter", "Kyllä", "Kyllä kiitos", "joo"),
    *("Tak", "Tak, potwierdzam", "Zgadzam się", "Ano", "Ano, prosím", "Souhlasím", "Áno"),
    *("Igen", "Igen, kérem", "Da", "да", "Да, подтверждаю", "Конечно", "так", "Так, будь ласка"),
    *("Ναι", "Evet", "evet lütfen", "Tamam", "نعم", "כן", "بله", "हाँ", "Ya", "vâng", "ใช่ครับ"),
    *("是", "是的", "好的，谢谢", "确认", "同意", "可以", "是的，我要订阅", "好"),
    *("はい", "はい、お願いします。", "了解です", "確認しました", "네", "네, 확인했습니다", "예"),
    *("\u200bｙｅｓ", "Yes\u00a0please", "Thanks!", "Let's go", "sounds good"),
]

NO = [
    *(
        "No",
        "no thanks",
        "No, it wasn't me",
        "Nope.",
        "nein",
        "Nein danke",
        "Non merci",
        "No gracias",
    ),
    *(
        "Nee",
        "Nej tack",
        "Nie",
        "Ne",
        "нет",
        "Hayır",
        "不是我",
        "いいえ",
        "아니요",
        "cancel",
        "not me",
    ),
    *(
        "I did not request this",
        "unsubscribe",
        "please remove me from your list",
        "Das war ich nicht",
    ),
]

PROGRAMS = [
    ("自动回复: " + OURS, "您好！您的邮件我已收到，我会尽快回复您。"),
    ("自动回复：", "我正在出差，无法及时回复邮件，敬请谅解。"),
    ("Автоответ: " + OURS, "Здравствуйте! Я в отпуске до 20 марта, отвечу после возвращения."),
    ("Автоматический ответ", "Меня нет на месте. По срочным вопросам звоните."),
    ("Automatisch antwoord: " + OURS, "Ik ben tot maandag niet aanwezig."),
    ("Afwezig", "Ik ben afwezig en lees mijn mail niet."),
    ("Autosvar: " + OURS, "Jag är på semester till den 20 mars."),
    ("Autosvar", "Tak for din mail. Jeg er på ferie og svarer når jeg er tilbage."),
    ("Fraværende", "Takk for meldingen. Jeg er ikke på kontoret denne uken."),
    ("OOO Re: " + OURS, "OOO until Monday"),
    ("OOO", "I am out of the office."),
    ("Out of Office", "Ok, so I'm out! I will be back on Monday and read your message then."),
    ("Away", "I am away this week. For urgent matters please call my colleague."),
    ("Abwesenheitsnotiz", "Da ich im Urlaub bin, lese ich Ihre Nachricht erst am 20.3."),
    ("Automatische Antwort: " + OURS, "Ich bin derzeit nicht im Büro."),
    ("[Ticket#123] Ihre Anfrage", "Vielen Dank für Ihre Anfrage. Sie hat die Nummer 123."),
    ("[Ticket#2026031110000123] " + OURS, "Your request has been received and is being reviewed."),
    ("Ihre Nachricht ist eingegangen", "Wir haben Ihre Nachricht erhalten und melden uns."),
    ("Your message has been received", "Thank you for contacting us. We will respond shortly."),
    (
        "Verification required",
        "To deliver your message, please click the link below: https://x.example",
    ),
    ("Please confirm your message", "Confirm that you are a human by replying to this message."),
    (
        "Sender verification",
        "Yes, this is an automated system. Reply to be added to my allowed senders.",
    ),
    ("Réponse automatique : " + OURS, "Bonjour, je suis absent jusqu'au 20 mars."),
    ("Absence", "Si vous avez une urgence, contactez le secrétariat."),
    ("Respuesta automática", "Sí, estoy de vacaciones hasta el lunes."),
    ("Fuera de la oficina", "Estaré fuera hasta el 20 de marzo."),
    ("Risposta automatica", "Sono in ferie fino al 20 marzo."),
    ("Resposta automática", "Estou de férias até segunda-feira."),
    ("Automaattinen vastaus", "Olen lomalla 20.3. asti."),
    ("Odpowiedź automatyczna", "Tak się składa, że jestem na urlopie do 20 marca."),
    ("Automatická odpověď", "Dobrý den, jsem na dovolené a vrátím se v pondělí."),
    ("Automatikus válasz", "Jelenleg szabadságon vagyok, március 20-án térek vissza."),
    ("Răspuns automat", "Da, sunt în concediu până luni."),
    ("Αυτόματη απάντηση", "Βρίσκομαι εκτός γραφείου έως τις 20 Μαρτίου."),
    ("Otomatik yanıt", "20 Mart'a kadar izindeyim."),
    ("رد تلقائي", "أنا خارج المكتب حتى يوم الاثنين."),
    ("תשובה אוטומטית", "אני בחופשה עד יום שני ואחזור אליך אז."),
    ("自動返信: " + OURS, "お問い合わせありがとうございます。担当者より折り返しご連絡いたします。"),
    ("不在通知", "只今不在にしております。月曜日に戻ります。"),
    ("자동 회신", "현재 휴가 중입니다. 월요일에 답변 드리겠습니다."),
    ("Trả lời tự động", "Tôi đang nghỉ phép đến thứ Hai."),
    ("Balasan otomatis", "Ya, saya sedang cuti sampai Senin."),
    ("Case 00123456: " + OURS, "OK Support has opened a case for you. Reference number 00123456."),
    ("We received your request", "Hello, our team will get back to you within 24 hours."),
    ("Jane no longer works here", "Jane is no longer with the company. Please write to Joe."),
    ("Undeliverable: " + OURS, "Your message could not be delivered to the mailbox."),
    ("Відсутність", "Я у відпустці до понеділка."),
    ("อัตโนมัติ", "ขอบคุณสำหรับข้อความ ขณะนี้ฉันไม่อยู่ที่สำนักงาน"),
]


MORE_YES = [
    *("Yess!", "yes pls", "Yes!! I asked for it", "That's right", "Correct.", "i want it"),
    *("Please subscribe me", "subscribe", "OK. Go on", "okey dokey", "Alright", "roger"),
    *("fine with me", "I agree", "yes, it's me", "Ja, das bin ich"),
    *("Ja, ich möchte den Newsletter", "bitte ja", "ja danke", "Passt!", "Geht klar", "Mach das"),
    *("Gerne!", "oui svp", "Oui, c'est bien moi", "je confirme mon inscription", "C'est bon"),
    *("parfait merci", "claro que sí", "si, gracias", "Sí quiero", "confirmado!", "sì grazie"),
    *("ok va bene", "perfetto", "pode ser", "sim obrigado", "isso mesmo", "ja hoor", "is goed"),
    *("ja graag!", "jo tack", "absolut", "det stämmer", "ja, det er fint", "greit", "jepp"),
    *("kyllä vain", "ok kiitos", "tak poproszę", "jasne", "ano děkuji", "dobře", "áno súhlasím"),
    *("persze", "rendben", "da, confirm", "да спасибо", "ага", "подтверждаю подписку", "ок"),
    *("так, дякую", "ναι παρακαλώ", "olur", "evet, onaylıyorum", "نعم من فضلك", "כן בבקשה"),
    *("हाँ जी", "好啊", "行", "没问题", "要", "嗯嗯", "我确认", "我同意", "はい。", "ok です"),
    *("承知しました", "確認しました。", "네 맞습니다", "넵", "좋아요", "vâng ạ", "iya"),
    *("ya, benar", "ใช่ค่ะ", "yes\n\n--\nJane", "Yes\nSent from my iPhone"),
    *(
        "Yes. Jane Doe, Room 5, +49 30 1234",
        "+1",
    ),
    "Confirm\n\nJane Doe\nUniversity of Example\nhttps://univ.example",
    *("yes, thanks for the great service!", "Ja\n\nMit freundlichen Grüßen\nJane Doe", "YES"),
    *("Yes - Jane", "confirm subscription", "Confirming", "OK from Berlin", "yes, do it"),
    *("Yes I do", "yeah sure", "yup!", "That was me, yes", "OK with me", "okay please go on"),
    *("Please confirm me", "I want to subscribe", "Sign me up!", "Hello, yes."),
    *("Dear team,\nyes please.\nRegards, Jo", "Ja!", "ja, bitte eintragen", "Ja ich will"),
    *("Ich möchte abonnieren", "Na klar", "Oui, merci beaucoup", "Ouais", "Je veux bien"),
    *("oui je veux", "Sí, confirmo", "sí claro", "Sì, confermo", "Certamente", "Sim, quero"),
    *("Claro", "Ja, dank je", "Ja gärna tack", "Ja, gerne tak", "Ja, det vil jeg", "Joo, kiitos"),
    *("Tak, chcę", "Ano, chci", "Да, хочу", "Да, я", "Так, хочу", "Evet istiyorum", "是，谢谢"),
    *("好的", "はい、そうです", "はい", "네, 감사합니다", "yes\n\nGet Outlook for iOS"),
    *("Yes\n\nJane Doe\nProfessor\nPhone: +49 1234",),
]

DOUBTS = [
    *("no!", "No way", "nope, not me", "i didn't do that", "never heard of it", "please cancel"),
    *("do not subscribe me", "don't", "Stop it", "who is this", "wrong person", "NEIN!!"),
    *("nein, ich war das nicht", "bitte nicht", "lieber nicht", "non, pas moi"),
    *("je n'ai rien demandé", "no quiero", "no fui yo", "no, grazie", "não, obrigado"),
    *("nee bedankt", "nej tak", "nei takk", "ei kiitos", "nie, dziękuję", "ne děkuji"),
    *("нет, спасибо", "это не я", "hayır teşekkürler", "لا شكرا", "לא תודה", "不用了", "不需要"),
    *("不要订阅", "拒绝", "結構です", "いりません", "필요 없어요", "không, cảm ơn"),
    *("delete my data", "remove my address", "unsubscribe me please", "GDPR: delete everything"),
    *("What is this?", "I don't understand", "ちょっと待って"),
]

MORE_PROGRAMS = [
    *(
        "Odsutan sam do ponedjeljka.",
        "Одсутан сам до понедељка и немам приступ пошти.",
    ),
    *(
        "Odsoten do 20. 3.",
        "Olen puhkusel kuni esmaspäevani.",
    ),
    *(
        "Esmu atvaļinājumā līdz pirmdienai.",
        "Esu atostogose iki pirmadienio.",
    ),
    *(
        "В отпуск съм до понеделник.",
        "Sóc fora de l'oficina fins dilluns.",
    ),
    *("Ég er í fríi til mánudags.", "मैं सोमवार तक छुट्टी पर हूँ।", "Szabadságon vagyok."),
    *("Nem vagyok az irodában", "Ik ben er even niet", "Jsem mimo", "Jestem poza biurem."),
    *("Sono fuori sede", "Ich bin dann mal weg", "Je suis en vacances"),
    *(
        "Zurzeit nicht im Haus, bin ab Montag wieder da",
        "Je serai de retour lundi.",
    ),
    "Hi, thanks for reaching out! I'm travelling with limited internet and will reply late.",
    "Dear sender, this mailbox is not monitored.",
    "Thank you for your email. Your inquiry is important to us. A member of our team will respond.",
    "Bedankt voor uw bericht, wij nemen zo spoedig mogelijk contact met u op.",
    *(
        "Vi har tagit emot ditt meddelande.",
        "Ваше обращение зарегистрировано под номером 4711.",
    ),
    *(
        "您的来信已经收到，谢谢！",
        "お世話になっております。本日はお休みをいただいております。",
    ),
    "안녕하세요. 메일 잘 받았습니다. 곧 연락드리겠습니다.",
    *(
        "Sim, recebemos sua mensagem e responderemos em breve.",
        "Yes! We got your message.",
    ),
    "OK, got it! Our bot has logged your request.",
    "Sure thing: a human will look at this soon.",
    "Confirmation: your e-mail has arrived at our server.",
    *(
        "I have retired. Please update your records.",
        "Jane left the company in May.",
    ),
    *(
        "Este buzón no recibe respuestas.",
        "Cette adresse n'est plus utilisée.",
    ),
    *(
        "Diese Adresse wird nicht mehr gelesen.",
        "New email address: jane@new.example",
    ),
    *(
        "Please note my new address",
        "My email has changed.",
    ),
    *(
        "Message blocked. Click to release.",
        "To prove you are human, solve this.",
    ),
    *(
        "I use a spam filter; please reply to be approved.",
        "Approved senders only",
    ),
    *("Ihre E-Mail wird nicht weitergeleitet.", "Parental leave", "maternity leave till June"),
    *("sick today", "In meetings all day", "Conference travel", "Today is a public holiday"),
    *("Feliz Navidad! Estamos cerrados.", "Frohe Feiertage!", "We are closed for Christmas"),
    *(
        "Salut! Je ne suis pas disponible cette semaine.",
        "Hej! Jag läser inte min mejl just nu.",
    ),
    *(
        "Hei, olen matkoilla ensi viikkoon.",
        "Ahoj, nejsem v práci, ozvu se později.",
    ),
    *(
        "Привет! Сейчас не могу ответить.",
        "Merhaba, şu anda müsait değilim.",
    ),
    *("你好，我现在不方便回复。", "只今会議中です。", "Hola, ahora no puedo responder."),
    *(
        "Ciao! Al momento non sono disponibile.",
        "Ola, estou ausente.",
    ),
    *(
        "Hallo, bedankt voor je mail!",
        "Hi! This is Jane's assistant. Jane is travelling.",
    ),
    *(
        "Good day. Office hours are 9 to 5.",
        "The user you are trying to reach is away.",
    ),
    *(
        "I check email twice a day.",
        "Gracias por escribir a Soporte.",
    ),
    *("Agradecemos o seu contato.", "Danke! Wir kümmern uns darum.", "Danke für Ihre Mail"),
    *(
        "Merci de votre intérêt.",
        "Please use our web form instead.",
    ),
    *(
        "Please resend with the code 4711 in the subject.",
        "Are you human?",
    ),
    *(
        "Your mail is waiting for approval",
        "I am on sick leave",
    ),
    *("Ich befinde mich in Elternzeit", "En déplacement", "Na szkoleniu"),
]


@pytest.mark.parametrize("text", [*YES, *MORE_YES])
def test_assent_is_a_yes(text: str) -> None:
    assert answer(text) is Answer.YES


@pytest.mark.parametrize("text", NO)
def test_refusal_is_a_no(text: str) -> None:
    assert answer(text) is Answer.NO


@pytest.mark.parametrize(("subject", "text"), PROGRAMS)
def test_automatic_answer_is_no_yes_whatever_its_subject(subject: str, text: str) -> None:
    for given_subject in (subject, f"Re: {OURS}"):
        assert answer(text, subject=given_subject) is not Answer.YES


def test_empty_reply_is_a_yes_only_as_a_reply_to_our_mail() -> None:
    assert answer("") is Answer.YES
    assert answer("", subject=f"AW: {OURS}") is Answer.YES
    assert answer("", answers_our_mail=False) is Answer.NEITHER
    assert answer("", subject=OURS) is Answer.NEITHER
    assert answer("", subject=f"Automatic reply: {OURS}") is Answer.NEITHER
    assert answer("", subject="Re: something else") is Answer.NEITHER


def test_word_of_assent_is_a_yes_under_any_subject() -> None:
    assert answer("yes", subject="[EXTERNAL] hello", answers_our_mail=False) is Answer.YES
    assert answer("", subject="Yes please", answers_our_mail=False) is Answer.YES


@pytest.mark.parametrize(
    "text", ["not interested", "wrong address", "who are you?", "this is spam"]
)
def test_doubt_is_no_yes(text: str) -> None:
    assert answer(text) is not Answer.YES


@pytest.mark.parametrize("text", ["Yes, cancel it", "ok. not me", "yeah no", "yes? what is this?"])
def test_yes_with_a_no_or_as_a_question_is_none(text: str) -> None:
    assert answer(text) is not Answer.YES


@pytest.mark.parametrize(
    "text", ["Yes, no problem", "Why not?", "Yes, can it come at 7?", "Jawoll"]
)
def test_yes_with_words_of_a_no_around_it_is_one(text: str) -> None:
    assert answer(text) is Answer.YES


@pytest.mark.parametrize(
    "text",
    [
        "Okay - message accepted for delivery.",
        "Accepted. Delivery will be tried again tomorrow.",
        "Ok. Your request was assigned to somebody.",
        "Confirmed: your message is being put into a queue, it was stored.",
        "Ja! Ihre Nachricht wurde zugestellt.",
        "Oui ! Votre message sera transmis.",
        "确认：邮件已送达。",
    ],
)
def test_what_a_program_says_of_a_mail_is_no_yes(text: str) -> None:
    assert answer(text) is not Answer.YES


@given(st.text(max_size=60), st.text(max_size=300))
def test_no_words_make_it_fail(subject: str, text: str) -> None:
    assert answer(text, subject=subject) in Answer


@pytest.mark.parametrize("name", ["Verification weekly", "Challenge papers", "Spam research"])
def test_name_of_a_list_is_no_sign_of_a_program(name: str) -> None:
    assert not has_subject_of_programs(f"Re: {name}, Mar 11 – Out of office hours")
