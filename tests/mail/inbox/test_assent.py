"""A person's yes is one in many languages; what programs answer for people never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.assent import Answer, read_answer

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


@pytest.mark.parametrize("text", YES)
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


@given(st.text(max_size=60), st.text(max_size=300))
def test_no_words_make_it_fail(subject: str, text: str) -> None:
    assert answer(text, subject=subject) in Answer
