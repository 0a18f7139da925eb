"""Questions without a noun of their own, which mean nothing but what was just spoken of: "who does that?", 要多久."""

from __future__ import annotations

import re

WORDS = re.compile(
    r"(?:"
    r"a|about|again|all|already|also|always|am|an|and|any|anything|are|as|ask|at|be|been|"
    r"but|by|can|cost|could|day|days|decide|decided|decides|did|do|does|done|either|else|"
    r"end|ends|enough|ever|every|exactly|fast|first|for|free|from|get|gets|getting|give|"
    r"gives|go|good|got|had|happen|happens|has|have|hear|how|i|if|is|it|its|just|know|"
    r"last|lasts|later|less|long|many|me|mean|means|money|month|months|more|much|must|my|"
    r"need|needs|never|next|no|not|now|of|often|ok|okay|on|once|one|only|or|our|out|"
    r"over|own|pay|possible|qualify|quick|ready|really|rule|said|say|says|see|set|should|"
    r"so|some|somewhere|soon|start|started|starts|still|stop|take|takes|tell|than|that|the|"
    r"their|them|then|there|these|they|thing|this|those|time|times|to|today|too|try|under|"
    r"until|up|us|usually|want|was|way|we|week|weeks|well|were|what|whats|when|where|"
    r"which|who|whom|whose|why|will|with|without|worth|would|year|years|yes|yet|you|your"
    r")"
)
WORD = re.compile(r"[a-z]+")
CHINESE = re.compile(
    "谁|什么|啥|怎么|怎样|咋样|咋|为何|为什么|如何|多久|多长|多少|多快|时候|时间|几天|几个月|哪里|哪儿|哪|收费|要钱|花钱|免费|费用|要不要|值得|值不值|"
    "说了算|决定|资格|够格|准备好|通过|开始|结束|取消|现在|这样|那样|一定|每年|每月|每个月|每季度|一次|知道|需要|具体|大概|一般|然后|之后|以后|"
    "[谁能可以会要有没不是的了吗呢吧啊呀呗我你他她它们咱这那个弄做办搞用找问看查定够再来还都就也才给拿得到在去从对为算行成年月天几里点一下过后前时钱很太只又自己]"
)
ASKS = re.compile(
    r"[?？]|^(?:and |but |so |ok |then )*(?:who|what|when|where|why|which|how|is|are|do|does|did|can|could|will|would|should|must)\b|"
    "谁|什么|啥|怎|咋|为何|如何|多[久长少快]|哪|几[天个]|吗|呢|[能会要值得是有]不|没有?$|不$",
    re.IGNORECASE,
)


def is_bare_question(text: str) -> bool:
    """Return true if a message asks something and has no word of a subject."""
    said = text.lower().replace("’", "'")
    if not ASKS.search(said.strip()):
        return False
    left = CHINESE.sub("", said)
    words = WORD.findall(re.sub(r"'(?:s|re|m|ll|d|ve|t)\b|n't\b", " ", left))
    return all(WORDS.fullmatch(word) for word in words) and not any(not one.isascii() and one.isalpha() for one in left)
