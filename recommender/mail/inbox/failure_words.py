"""Mail: the words of servers by which a failure is judged. Pure; only patterns.

Collected from what large mail servers and providers answer. All patterns see lower case, one blank
between words, <> for each address, and no URLs (`failure_causes.normalised`): a host named
spamfilter or a page about error messages says nothing of the cause. Gaps are bounded, and so is
their time.
"""

from __future__ import annotations

import re

_NOT = r"(?:not|n['’´`]?t)"
_WHO = (
    r"\b(?:users?|user ?names?|userid|recipients?|mail ?box(?:es)?|mail-?boxes|mail ?drop|inbox"
    r"|accounts?|address(?:es|ees?)?|e?-?mail ?id|alias(?:es)?|local[- ]?part|customer|subscriber"
    r"|destinataires?|destinatario|usuario|utilisateur|compte|rcpt|receiver|person|id)"
)


def _any_of(*patterns: str) -> re.Pattern[str]:
    pattern = "|".join(patterns)
    return re.compile(pattern.replace("<NOT>", _NOT).replace("<WHO>", _WHO))


FULL = _any_of(
    r"\b(?:mail ?box|mail ?drop|inbox|mail ?folder|mail ?dir|spool|account|mail ?store|user"
    r"|drop ?box|recipient|storage|maildirsize)\b.{0,40}?\b(?:over|too|is|are|has been|was)? "
    r"?full\b",
    r"\bfull (?:mail ?box|inbox)|mail ?box_?full|mbox full|\b(?:is|are) full\b",
    r"over[ -]?(?:disk ?|storage ?|the |its |his |her |their |allowed |allocated )?quota",
    r"quota\b.{0,30}?(?:exceed|full|reached|violat|used up|depleted|overdrawn|over\b|limit)",
    r"(?:exceed\w*|reached|past|beyond|above|over|out of|violat\w*)\b.{0,40}?(?:quota|storage"
    r"|disk ?space|mail ?box (?:size|limit|capacity)|allocat\w+|mail ?box.s limit|size of mail "
    r"?box|maildir limit|space limit)",
    r"(?:mail ?box|storage|account|disk) ?(?:size|limit|space|capacity"
    r"|allocation)?\b.{0,30}?(?:exceed|is at capacity|reached|over limit)",
    r"(?:not (?:have )?enough|insufficient|no|too little|lack of|low) (?!system )"
    r"(?:\w+ ){0,3}?(?:disk|storage|mail ?box) ?(?:space|storage|left|quota)",
    r"not enough space|space (?:is )?not enough|insufficient space|no space left|no more space",
    r"no room|(?:bo[iî]te|mail ?box).{0,40}?pleine|postfach.{0,40}?voll|buz[oó]n.{0,20}?llen",
    r"casella.{0,30}?piena|caixa.{0,30}?cheia|ящик.{0,20}?(?:переполнен|полон)|邮箱(?:空间)?(?:已满|不足)",
    r"容量オーバー|満杯",
)
"""The mailbox takes no more."""

OTHER_LIMIT = _any_of(
    r"(?:send\w*|outgoing|outbound|daily|hourly|rates?|per (?:second|minute|hour|day)|your"
    r"|sender|relay\w*|bandwidth)\b.{0,25}?quota",
    r"quota.{0,25}?(?:per (?:second|minute|hour|day)|for (?:sending|the sender)|of messages)",
    r"\b(?:message|mail|header|body|attachment)s?\b.{0,12}?(?:size|too (?:large|big"
    r"|long))(?!.{0,60}?(?:mail ?box|storage|quota))",
)
"""What looks full and is the sender's own limit, or the message's."""

ABOUT_SENDER = _any_of(
    # the sender, and the host that sends
    r"\b(?:sender|from[: ]|mail ?from|return[- ]path|originator"
    r"|envelope[- ]from)\b.{0,60}?(?:reject|refus|denied|invalid|<NOT> (?:allow|permit|accept"
    r"|exist|valid|verif|found|match)|unknown|verif|block|banned|domain|unauthent|must|spam"
    r"|malformed|missing|not listed)",
    r"(?:invalid|unknown|bad|forged|unverified|unauthenticated|unauthori[sz]ed|illegal|bogus"
    r"|fake|rejected|blocked|untrusted|null) (?:\w+ )?(?:sender|from\b|return[- ]path|envelope)",
    r"domain of (?:the )?sender|sender verif|sender domain|sender'?s? (?:address|ip|mail)",
    r"your (?:domain|ip|server|host|network|mail ?server|mta|isp|smtp|internet|connection"
    r"|organi[sz]ation)\b",
    r"from your\b|not accept(?:ed|ing)? (?:mail |messages? |e-?mail )?from|\b(?:helo|ehlo)\b",
    r"\bip\b.{0,60}?(?:block|reject|denied|refus|list|banned|not allow|frequen|reput|limit|bad"
    r"|poor|spam|invalid|used|host ?name|resol|revers)",
    r"invalid ip\b|bad ip\b|ip addr|client host|remote host .{0,30}(?:block|list)",
    r"sending (?:ip|host|server|mta|domain)",
    r"connect\w* (?:\w+ ){0,3}?(?:reject|denied|block|not (?:accept|allow|permit))",
    r"no mx (?:record )?for .{0,40}?sender",
    # lists of those
    r"(?:black|block|deny|bl|ban|dns ?b|red|reject|suppression)[- ]?list|\bdnsbl",
    r"\buribl|\b(?:d?rbl|surbl|uribl|sbl|xbl|pbl|cbl|css)\b",
    r"\w[\w-]*bl\.(?:org|net|com|info|de)\b|spamhaus|spamcop|\bsorbs\b",
    r"barracuda ?(?:central|reputation|networks)|senderbase|senderscore|reputation|cloudmark",
    r"trustedsource|invaluement|abusix|mailspike|spamrats|uceprotect",
    r"(?<!not )(?<!not been )listed (?:in|on|by|at)\b|access list|local ?blocked|banned",
    # their names
    r"reverse[- ](?:dns|lookup|host|record|map|resol|path)|\brdns\b|\bptr\b|\bfcrdns\b",
    r"(?:cannot|could not|unable to|can't|failed to|must|does not|doesn't) (?:find your|resolve"
    r"|re?verse|have a (?:valid )?(?:reverse|ptr))",
    r"generic host ?name|dynamic (?:ip|host|addr)|dial-?up|residential",
    # their proofs, of which the last lines are about relaying
    r"fix (?:your )?(?:reverse )?dns|\bspf\b|\bdkim\b|\bdmarc\b|sender[- ]?id\b|sender policy",
    r"authenti(?:cat|fi)\w*|authori[sz]\w*|\bauth\b|unauthori[sz]ed|domain ?keys?|\barc\b",
    r"must log ?in|log ?in (?:first|required)|\btls\b|starttls|\bssl\b|encrypt\w*|certificate",
    r"credentials|password|spoof\w*|forged|forgery|imperson\w*",
    r"relay(?:ing)?\b.{0,25}?(?:den|not |prohibit|refus|reject|access|disallow|forbid|attempt"
    r"|block)",
    r"(?:unable|denied|no|not|cannot|can't|won't|refus\w*|disallow\w*|prohibited|allowed) "
    r"(?:\w+ ){0,3}?relay",
    r"rcpthosts|we do(?:n't| not) relay|not a gateway|open relay|not (?:a )?local domain",
    r"not local\b.{0,20}?gateway|through this server",
    # how much they send
    r"\btoo (?:many|fast|much|frequent\w*|quick\w*)(?! (?:hops|received))|rate[- ]?limit",
    r"\brates?\b|throttl|slow(?:ing)? (?:it )?down|frequen\w+|unusual|flood|volume|hourly",
    r"daily limit|per (?:second|minute|hour|day)",
    r"exceed\w* .{0,40}?(?:connect|recipient|message|session|hour|day|minute|sending)",
    r"(?:connection|concurren\w+|session|message|recipient)s? (?:\w+ )?(?:limit|count)",
    # what it holds
    r"try(?:ing)? to send too|suspicious|excessive|spam|\bspm\b|\buce\b|unsolicited|\bjunk",
    r"\bbulk\b|\bvirus\w*|\binfected|malware|phish|trojan|malicious|viagra|\bscam\b|fraud|worm\b",
    r"objectionable|banned|bayes|\bscore\b|honeypot|blackhol|suspected|suspicion|\bdt:|\bmi:",
    r"\brp:|abuse|\bcontents?\b|attach\w*|\.exe\b|executable|file ?types?|\burls?\b",
    r"blocked by (?:\w+ )?(?:filter|rule|milter)|milter|language|character set|charset",
    r"non-?ascii|8 ?bit",
    # how large it is, and how it is written
    r"(?:message|mail|header|body|attachment|line|data|e-?mail|it|its)(?:'s)? (?:\w+ "
    r"){0,4}?(?:size|too (?:large|big|long))",
    r"\btoo (?:large|big)\b|size (?:\w+ ){0,3}?(?:exceed|limit|max)",
    r"maximum (?:message|allowed|permitted)? ?size|exceed\w* .{0,40}?\b(?:size|maximum|max)\b",
    r"larger than|length exceed|header (?:error|field|is)",
    r"headers? .{0,30}?(?:missing|invalid|malformed|multiple|duplicat|not compl|rfc|not contain)",
    r"(?:missing|invalid|malformed|duplicate|multiple|no|bad|unparsable) .{0,20}?(?:headers?\b"
    r"|from:|subject|date:?\b|message-?id)",
    r"\brfc ?-?\d{3,4}|rfc (?:\w+ )?complian|syntax error|bare (?:lf|cr|new ?line|line)",
    r"non-?complian|pipelin|bad sequence|protocol (?:error|violation)|not implemented",
    r"unimplemented|(?:un|not )recogni[sz]ed command",
    r"(?:bad|unknown|invalid|unsupported) (?:smtp )?command|command (?:not|un|param|out of)",
    r"smtputf8|malformed|improper|not complying|smtp smuggling|stray (?:lf|cr|new)",
    # a recipient who takes mail of others, and rules without a reason
    r"(?:only|just) accepts?\b|not (?:accepted|allowed|permitted) (?:to|for) (?:send|post)",
    r"permi(?:ssion|tted) to|allowed to (?:send|post)",
    r"(?:not|isn't|aren't) (?:a )?(?:member|subscribed)|moderat\w+|members? only|closed list",
    r"(?:will|do|does|did|can|could) ?<NOT>(?: be)? accept(?:ed)? (?:delivery|this|your|the|any"
    r"|mail|e-?mail|messages?)\b(?! (?:for|address|at))",
    r"polic(?:y|ies)|block\w* (?:you|this|mails?|messages?)\b",
    r"(?:unknown|invalid|bad) (?:mail ?server|host \[?\d)",
    r"rejected your (?:message|mail|e-?mail)|\baup\b",
    r"administrat\w+ (?:prohibit|reject|block|den)\w*|challenge|prohibited by|violat\w+",
    r"blocked (?:by|for|using|due|because|from|-|see|at)",
    r"(?:mail|message|e-?mail|mails|delivery|host|domain|server|connection)s? (?:\w+ "
    r"){0,3}?block(?:ed|ing)\b",
)
"""Who sends, how much, or what: it says nothing of the address."""

GONE = _any_of(
    r"<WHO>\b[^.;!]{0,45}?\b(?:unknown|not ?found|(?:could|can) ?<NOT> be found|(?:does|do|did) "
    r"?<NOT> (?:appear to )?(?:exist|match|have)|doesnt exist|not exist\w*|not (?:a )?valid"
    r"|invalid|not (?:a )?known|no longer|non-?exist\w*|unavailable|not available|disabled"
    r"|in-?active|not active|deactivated|suspended|closed|terminated|cancell?ed|deleted|removed"
    r"|not (?:been )?(?:listed|registered|recogni[sz]ed|activated|defined|here|present|our)"
    r"|undeliverable|unrout\w+|bloqu\w+|discontinued|frozen|retired|inexist\w+"
    r"|inconnu\w*|invalide?|desconocid\w*|no existe|bogus|illegal|abandon\w*|has moved|archiv\w+"
    r"|on hold|dormant|lookup failed|is not a|is not one|limited)",
    r"(?:unknown|no such|invalid|non-?existent|non-?existing|unrout\w+|bad|in-?active|suspended"
    r"|undeliverable|illegal|unrecogni[sz]ed|disabled|deactivated|closed|expired|bogus|obsolete"
    r"|not an? (?:valid|known|local|active|existing)|not our"
    r"|no (?:valid|local|matching|active|current|known)|cannot find|can't find|can't locate"
    r"|locate no) (?:or \w+ )?(?:\w+[ -]){0,2}?"
    r"(?:users?\b|userid|user ?name|recipients?\b|mail ?box|mail-box|mail ?drop|inbox|account"
    r"|address(?:ees?|es)?\b|alias|local[- ]?part|person|customer|rcpt|destinat\w+|receiver"
    r"|e-?mail\b|name\b|member\b)",
    r"no mail ?box (?:here|by)|no (?:one|body) (?:here |at |by |with )|no user (?:by|with|named)",
    r"no (?:such )?account (?:by|with|here|for)",
    r"(?:does|do)(?:n't| not) have an? (?:\S+ )?(?:account|mail ?box|address)",
    r"no mail ?box\b(?! space)|no such (?:mail|person|name|local|one)",
    r"is not a (?:\S+ )?(?:user|customer|member)",
    r"not (?:a )?(?:known |valid |local )(?:user|address|recipient)|recipient ?not ?found",
    r"no ?such ?user|user[_ ]?unknown|unknown[_ ]user|nosuchrecipient|adr\.\w*notfound",
    r"no longer (?:\w+ ){0,2}?(?:accept|exist|valid|in use|used|work|employ|with|available"
    r"|active|here|monitor|receiv|in service|operat|a )",
    r"has (?:moved|left|retired)|have moved|moved (?:permanently )?to",
    r"left (?:the|our) (?:company|organi[sz]ation|university)|new (?:e-?mail )?address",
    r"address (?:has )?changed|user not local; please try",
    r"account (?:is |has been )?(?:closed|terminat|expire)|not listed in",
    r"not (?:in|on) (?:the |our )?(?:domino|public|address|ldap|active|user|local) ?(?:directory"
    r"|database|list|users?)?",
    r"no user record|mail ?box name not allowed|mail for that user|path no exist",
    r"<>[:'\" ]{0,4}(?:is |was |are )?(?:invalid|unknown|no longer"
    r"|not (?:found|known|exist|valid|a )|(?:does|did) ?<NOT> exist)",
    r"(?:account|mailbox|recipient|user)[ _-]?disabled|directory lookup",
    r"unknown or illegal|delivery to this (?:user|recipient|address|account) is",
    r"(?:account|mail ?box|user|inbox) (?:\S+ ){0,3}?b?locked\b",
    r"5\.4\.1 .{0,60}?recipient address rejected: access denied",
    r"relay recipient|dbeb|no match for|用户不存在",
    r"(?:收件人|邮箱|地址).{0,12}?不存在|(?:宛先|アドレス|ユーザー?).{0,20}?(?:不明|存在し)",
    r"пользовател\S* не найден|не существует|несуществующ",
    r"ящик .{0,20}?(?:отключ|заблокир|не найден|недоступ)",
    r"empf[äa]nger.{0,20}?(?:unbekannt|nicht)|unbekannter (?:empf|benutz)",
    r"adresse.{0,60}?(?:inconnue|invalide|n.existe)|utilizador desconhecido",
    r"usu[áa]rio (?:desconhecido|inexistente)|utente sconosciuto|destin\S* sconosciuto",
    r"(?:destinatario|indirizzo) (?:errato|inesistente)|nie istnieje|nie ma takiego",
    r"recipient (?:<> )?(?:address )?rejected\.? ?(?:$|\(in reply)",
    r"check if (?:the )?address is correct",
    r"no match(?:es)? (?:for|to)|not have a final e?-?mail delivery|not (?:exactly )?match an? ",
)
"""Nobody has the address, or has it any more."""

SURELY_GONE = _any_of(
    r"account or domain may not exist|null ?mx",
    r"domain (?:does not|doesn't) accept (?:any )?e?-?mail",
    r"(?:user|recipient|mail ?box|address)(?: is)? unknown in (?:\w+ ){0,3}?table",
    r"(?:mail ?box|account|user|address)[^.;!]{0,30}? (?:due to|because of|for) inactivity",
)
"""Plain enough whatever else is said, unless it is said of the sender."""

UNKNOWN_USER = _any_of(
    r"(?:no such|unknown) user(?: here)?\b|user (?:unknown|not found|does ?n.t exist)\b",
)
"""As plain, where it answers the recipient."""

NO_HOST = _any_of(
    r"(?:\bhosts?\b|\bdomains?\b|host ?name|domain ?name|remote (?:system|host)|destination"
    r"|mail ?server name|\bmx\b)[^.;!]{0,35}?(?:unknown|not found|(?:could|can) ?<NOT> be found"
    r"|(?:does|do|did) ?<NOT> (?:exist|resolve|have)|not exist|non-?exist\w*|invalid"
    r"|unresolvable|unrout\w+|not be resolved|not valid|no longer|not a valid)",
    r"domain is not reachable",
    r"(?:unknown|no such|invalid|bad|non-?existent|unrout\w+|illegal|unresolvable|cannot find"
    r"|can't find) (?:\w+ ){0,2}?(?:host|domain|mail ?server|system|site)\b",
    r"nx ?domain|name or service not known|unrout\w+ (?:mail )?(?:address|domain)|null ?mx",
    r"no such domain|nullmx|(?:does|do)(?:n't| not) accept (?:any )?(?:e-?mail|mail)",
    r"no (?:valid )?(?:mx|a|dns)\b.{0,25}?record|no mail exchanger|couldn't find any host",
    r"no recipient domain|no smtp service",
    r"\bdns (?:name |domain )?(?:error|lookup)\b.{0,40}?(?:not found|not exist)",
)
"""There is no such domain, or it takes no mail."""

UNSURE_HOST = re.compile(
    r"found,? try again|tempor|servfail|timed? ?out|timeout|name lookup fail|will retry"
    r"|server failure"
)
"""Its name was not found because nobody could be asked."""

TROUBLE = _any_of(
    r"temporar|temporal|transient|try(?:ing)? (?:it )?again|try .{0,12}later",
    r"tim(?:ed?|ing)[ -]?out|\bexpired\b|retry|retries",
    r"connection (?:was |is )?(?:refused|reset|lost|closed|dropped|fail\w*|died|broken|timed"
    r"|aborted|could not)",
    r"conn(?:ect)?ion .{0,20}?fail|broken pipe",
    r"(?:could not|couldn't|cannot|can't|unable to|failed to|not able to|wasn't able to"
    r"|impossible to|did not|didn't) (?:\w+ ){0,4}?(?:connect|reach|contact|establish|respond"
    r"|answer|be reached|complete|open|communicate)\w*",
    r"un-?reachable|not reachable|no route|giv\w+ up",
    r"too (?:old|long in|many hops|many received|many attempts)|\bin (?:the )?(?:mail )?queue",
    r"loop|\bhops?\b|not responding|no (?:answer|response|reply) |deferred|gr[ae]y-?list",
    r"service (?:is )?(?:currently |temporarily )?unavailable",
    r"(?:system|server|internal|i/o|local|io|mailer|software|unknown|processing|network|dns"
    r"|resource|disk|configuration|delivery system) (?:\w+ )?(?:error|trouble|problem|failure"
    r"|fault|malfunction)",
    r"overload|\bbusy\b|out of memory|memory|misconfigur|mis-configur|mail server.{0,20}?down",
    r"maintenance|after \d+ (?:days?|hours?|attempts?|tries)|for the last \d+",
    r"(?:\d+|several|many) attempts|resources?\b|dns fail|not (?:currently )?accepting",
    r"cannot (?:execute|exec|fork|create|write|append|lock|update)|lock (?:failed|file)",
    r"mail for .{0,30}?loops|too many errors|insufficient system|reading input|unexpected",
    r"rejected: system|shutting down|permission denied|exit status|signal \d|crash",
)
"""A host or network that did not work for a while."""

REFUSAL = _any_of(r"\bblock(?:s|ed|ing)?\b|prohibit\w*|(?<!permission )denied|forbidden|go away")
"""It was refused, and nobody says that the address is why: that goes before a code."""

NOT_TAKEN = _any_of(
    r"reject\w*|refus\w*|denied|\bblock\w*|polic(?:y|ies)|prohibit\w*",
    r"<NOT> (?:be )?(?:allow|permit|accept|welcome|want|like)\w*|forbid\w*|restrict\w*|filter\w*",
    r"disallow\w*|go away|transaction failed|access|unacceptable|illegal|declin\w*|discard\w*",
    r"suspend\w*|not comply",
)
"""It was not taken, whyever: too little to go before a code."""
