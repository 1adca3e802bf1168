"""A few words that ask for the end are understood, and no others are taken for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.commands import Command, Verb, read_command
from recommender.mail.inbox.leaving import asks_to_leave, is_ceremony


@pytest.mark.parametrize(
    "text",
    [
        *("please unsubscribe me", "Unsubscribe please!", "unsubscribe me from this list, thanks"),
        *("Please stop these emails", "stop sending me mails", "Stop emailing me, remove my email"),
        *("remove me", "remove me from this list", "please take me off your list", "opt out"),
        *(
            "Hello,\n\nplease take me off your mailing\nlist.\n\nThanks,\nJane Doe",
            "No more emails",
        ),
        *("I want to unsubscribe", "cancel my subscription", "please delete my account", "UNSUB"),
        *("bitte abmelden", "Ich möchte mich vom Newsletter abmelden", "abbestellen", "austragen"),
        *("Bitte keine E-Mails mehr", "Bitte melden Sie mich ab", "kündigen"),
        *("désinscrire", "Je souhaite me désabonner", "merci de me désinscrire", "désabonnement"),
        *(
            "quiero darme de baja",
            "cancelar suscripción",
            "por favor, baja de la lista: darme de baja",
        ),
        *("disiscrivimi", "cancellami per favore", "descadastrar", "cancelar inscrição"),
        *("afmelden graag", "uitschrijven", "avregistrera mig", "afmeld mig", "meld meg av"),
        *("peruuta tilaus", "proszę mnie wypisać", "odhlásit", "leiratkozás", "dezabonare"),
        *("отпишите меня", "отписаться", "відписатися", "διαγραφή", "abonelikten çık"),
        *(
            "退订",
            "請取消訂閱",
            "配信停止お願いします",
            "수신거부",
            "hủy đăng ký",
            "إلغاء الاشتراك",
        ),
        "\u200bPlease\u00a0unsubscribe me.",
    ],
)
def test_wish_to_leave_is_understood(text: str) -> None:
    assert read_command("", "Re: Trending papers, Mar 11", text) == Command(Verb.UNSUBSCRIBE)


@pytest.mark.parametrize(
    "text",
    [
        *("please do not unsubscribe me", "don't unsubscribe me", "I will never unsubscribe"),
        *("How do I unsubscribe?", "where is the unsubscribe link", "unsubscribe button is broken"),
        *("get the newsletter", "take the list", "I like this list", "+1", "like 1", "Thanks!", ""),
        *("bitte nicht abmelden", "ne pas désinscrire", "не отписывайте меня", "不要退订"),
        *("stop the rain", "remove paper 3", "Could you stop the rain?", "keep me on this list"),
        "My colleague said that she would like to unsubscribe at some time, but I enjoy it a lot.",
        "Please unsubscribe me.\n\nOr rather, wait: first tell\nme what else there is.",
    ],
)
def test_other_words_are_no_wish_to_leave(text: str) -> None:
    assert not asks_to_leave(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks!", True),
        ("Thanks a lot!\n\nBest regards\nJane", True),
        ("Vielen Dank", True),
        ("谢谢", True),
        ("Hello", True),
        ("Thanks, but where is paper 3?\nI cannot find it", False),
        ("Hello,\nwhat is this?", False),
        ("", False),
    ],
)
def test_greetings_and_thanks_are_ceremony(text: str, expected: bool) -> None:
    assert is_ceremony(text) is expected


@given(st.text(max_size=400))
def test_no_words_make_it_fail(text: str) -> None:
    assert asks_to_leave(text) in {True, False}
    assert is_ceremony(text) in {True, False}
