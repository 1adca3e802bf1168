"""Who is named by default is said in the reader's language, and names as they are."""

from __future__ import annotations

from recommender.config.settings import ListSettings
from recommender.languages.catalogue import language
from recommender.newsletter.byline import UNNAMED_CURATOR, byline


def test_the_default_of_the_setting_is_told_in_the_readers_language() -> None:
    assert ListSettings.model_fields["curator"].default == UNNAMED_CURATOR
    # As it comes out of the database.
    stored = str(UNNAMED_CURATOR)
    assert language("de").told(byline(stored)) == "der Forschungsgemeinschaft"
    assert language("en").told(byline(stored)) == "the research community"


def test_a_name_stays_as_it_is() -> None:
    assert language("de").told(byline("AK and the research community")) == (
        "AK and the research community"
    )
