"""Room 1, papers: what months are called, in the languages in which digests are written. Pure.

Whole names as the Common Locale Data Repository has them, in the case that they have behind a day,
too; abbreviations of some. What is one month here and another there is none: "listopad".
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = (
    (
        "jan january januar jänner janvier janv enero ene janeiro gennaio januari "
        "tammikuuta tammikuu stycznia styczeń ledna leden januára január siječnja "
        "siječanj января январь січня січень януари ιανουαρίου ιανουάριος ianuarie ocak"
    ),
    (
        "feb february februar février févr fevrier febrero fevereiro febbraio februari "
        "helmikuuta helmikuu lutego luty února únor februára február veljače veljača "
        "февраля февраль лютого лютий февруари φεβρουαρίου φεβρουάριος februarie şubat"
    ),
    (
        "mar march märz maerz mär mrz mars marzo março maart marts maaliskuuta maaliskuu "
        "marca marzec března březen marec ožujka ožujak марта март березня березень "
        "μαρτίου μάρτιος martie március mart maret"
    ),
    (
        "apr april avril avr abril abr aprile huhtikuuta huhtikuu kwietnia kwiecień dubna "
        "duben apríla apríl travnja travanj апреля апрель квітня квітень април απριλίου "
        "απρίλιος aprilie április nisan"
    ),
    (
        "may mai mayo maio maggio mei maj toukokuuta toukokuu maja května květen mája máj "
        "svibnja svibanj мая май травня травень μαΐου μάιος május mayıs"
    ),
    (
        "jun june juni juin junio junho giugno kesäkuuta kesäkuu czerwca czerwiec června "
        "červen júna jún lipnja lipanj июня июнь червня червень юни ιουνίου ιούνιος iunie "
        "június haziran"
    ),
    (
        "jul july juli juillet juil julio julho luglio heinäkuuta heinäkuu lipca lipiec "
        "července červenec júla júl srpnja srpanj июля июль липня липень юли ιουλίου "
        "ιούλιος iulie július temmuz"
    ),
    (
        "aug august août aout agosto ago augustus augusti elokuuta elokuu sierpnia "
        "sierpień srpna srpen augusta kolovoza kolovoz августа август серпня серпень "
        "αυγούστου αύγουστος augusztus ağustos agustus"
    ),
    (
        "sep sept september septembre septiembre setembro settembre syyskuuta syyskuu "
        "września wrzesień září septembra rujna rujan сентября сентябрь вересня вересень "
        "септември σεπτεμβρίου σεπτέμβριος septembrie szeptember eylül"
    ),
    (
        "oct october okt oktober octobre octubre outubro ottobre lokakuuta lokakuu "
        "października październik října říjen októbra október октября октябрь жовтня "
        "жовтень октомври οκτωβρίου οκτώβριος octombrie ekim"
    ),
    (
        "nov november novembre noviembre novembro marraskuuta marraskuu novembra "
        "studenoga studeni ноября ноябрь листопада листопад ноември νοεμβρίου νοέμβριος "
        "noiembrie kasım"
    ),
    (
        "dec december dez dezember décembre déc decembre diciembre dic dezembro dicembre "
        "desember joulukuuta joulukuu grudnia grudzień prosince prosinec decembra "
        "prosinca prosinac декабря декабрь грудня грудень декември δεκεμβρίου δεκέμβριος "
        "decembrie aralık"
    ),
)
MONTHS: Final = {name: month for month, names in enumerate(_NAMES, 1) for name in names.split()}
