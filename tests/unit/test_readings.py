"""What one typed text says at one question: said and entailed values are taken, computed and likely ones wait for a yes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest

from bot.checks import Logic, Question, plain_value
from bot.checks.check import NUMBERS
from bot.checks.free_text import Reading, mentions, read_answer
from bot.checks.pattern import GAP, Pattern, is_well_formed, pattern_of, tokens_of
from bot.checks.vocabulary import Phrases, both, vocabulary
from bot.language.amounts import fold
from bot.language.past_days import past_days
from tests.unit.test_free_text import CHECKS, lang_of, shipped

TODAY = date(2026, 11, 29)
ASK = "ask"  # nothing is taken without asking


class Between(NamedTuple):
    low: int
    high: int


READ: dict[str, dict[Any, str]] = {
    "store-entry.business_type": {
        "company": "we're an LLC | a limited liability company, two shareholders | 有限责任 | 我们是一家贸易公司 | 公司执照 | 刚注册了公司 | we set up a firm last month | it's a corporation | Co., Ltd. | 不是个体，是公司 | 有限公司，两个股东 | we used to be self-employed, now a company | 以前是个体户，现在注册公司了 | a factory with its own licence | 企业 | 我们厂是有限公司 | incorporated in 2019 | not self-employed, company | 一人有限公司 | 公司性质的 | proper limited company | a company, yes | 公司的，有限责任 | 是公司不是个体户 | 外贸公司 | 我们有营业执照，是公司 | one-man limited company | company. we also have an R mark | 注册的是公司 | registered as a company in 2018 | GmbH & Co KG | 私营企业 | a PLC | 有限公司的执照 | it's a company licence",
        "self_employed": "just a sole trader | self employed | 个体工商户 | 我是个体的 | 个体执照 | freelancer | an individual business licence | 公司没有，个体户有 | not a company, a sole proprietorship | 我开的是个体户 | 办的个体 | individual licence only | I'm a one-man business | 个体工商 | 只有个体执照 | 没注册公司，就个体户 | no company, sole trader",
        "none": "no licence at all | I don't have a licence | 什么执照都没有 | 没有营业执照 | nothing yet | 还没办执照 | private person | 个人 | we haven't registered anything | none so far | the company is still being registered | 公司还在注册 | 执照还没下来 | not yet, company is being founded | 正在注册公司 | I haven't got any licence | 还没有注册 | none of these | 一个都没有 | 执照正在办 | we're only about to found one | 打算注册公司，还没弄 | just a person | 个人卖家",
        ASK: "no experience | 没有经验 | 没有邮箱 | we have no email yet | 没有商标 | no money | 没有保证金 | we have an R mark | 有企业支付宝 | no invitation | yes | 我们做鞋 | 不用邀请 | what do you mean? | 要什么执照 | 8000 | 没做过跨境 | we've never sold online | haven't got an alipay | no, and what about the trademark? | 没有支付宝，怎么办 | 我没开过网店 | no trademark | 还没交保证金 | 不需要商标 | we're not invited | 没有企业支付宝，有法人的 | 什么执照都行吗 | 100000 | a bit of everything | 那要看了 | 没有老客户 | no warehouse | no shop yet | 没有店",
        "unknown": "not sure | 不清楚 | I'd have to ask my boss | 说不好 | 得问问老板",
    },
    "store-entry.company_country": {
        "china": "Shenzhen | in Guangzhou | 杭州 | 注册在义乌 | mainland | 国内 | registered in Shanghai | our company is in Ningbo, the warehouse is in Spain | 公司在厦门，仓库在波兰 | 公司是大陆的 | 中国大陆 | PRC | not abroad, in China | 内地公司 | 江苏苏州 | the company is from Xiamen | we live in Berlin but the company is registered in Fuzhou | 青岛 | 义乌的 | 在佛山 | Mainland China | 咱们在东莞 | it's in Wenzhou | Zhejiang | 中国的 | 广东深圳 | China of course | the mainland, not Hong Kong | 不是香港的，深圳的 | 不在国外",
        "other": "Hong Kong | 香港 | 台湾 | Taiwan | BVI | 香港公司 | Germany | 公司注册在香港 | a Hong Kong company | 俄罗斯 | not in mainland China | registered in the UK | Macau | 开曼 | Dubai | we are in Shenzhen but the company is in Hong Kong | 我们人在广州，公司在香港 | 不在大陆 | 新加坡公司 | 海外 | 香港的 | 注册在台湾 | Macau company | 在美国注册的 | it's a BVI company | registered in Hong Kong, office in Shenzhen | 公司在香港，团队在深圳 | 境外公司 | Spain | not China",
        ASK: "we sell to Brazil | 我们卖到欧洲 | is Hong Kong China or not? | 香港算中国吗 | 5 | our customers are in Russia | we ship to Spain | 客户在美国 | 我们做女装 | 没有商标 | our buyers are from Poland | 货发到俄罗斯 | 海外仓在波兰 | which country? | Hong Kong counts as China, right? | 香港算不算国内 | 7 | we have no company | 欧洲市场",
        "unknown": "no idea | 不知道",
    },
    "store-entry.invitation_category": {
        "no": "no | 不是 | 普通类目 | not by invitation | anyone can join | an ordinary category | 大家都能做 | 不需要邀请 | no invitation needed | it's open to everybody | 不用定向 | no, a normal category | 不是定向的 | normal | 普通的 | no need to be invited | everybody can sell it | 人人能做 | 不是定向招商的 | not restricted | 开放的",
        "invited": "yes, we are invited | 收到邀请了 | 小二邀请了我们 | we received the invitation | 有邀请函 | invited by the platform | 是的，已经邀请了 | yes and the invitation has arrived | we were invited | 邀请函拿到了 | got the invite | 有小二邀请 | 平台邀请过",
        "not_invited": "yes but nobody invited us | 没收到邀请 | by invitation, and we were not invited | 是定向招商但是没邀请 | waiting for an invitation | yes, no invitation yet | 没被邀请 | it's by invitation and we have not been invited | not been invited | 没人邀请我们 | no invite so far | 是定向招商，没有邀请 | 定向的，还没邀请",
        ASK: "yes | 是的 | shoes | 不用商标 | no trademark needed | 没有支付宝 | how do I find out? | 10000 | 女装类目 | yes it is | 需要 | 手机壳 | 没有R标 | who invites?",
        "unknown": "don't know | 不太清楚 | 没查过",
    },
    "store-entry.trademark_needed": {
        "yes": "yes | 需要 | they need one | it does | mandatory | 要商标 | 必须有 | yes, shoes need it | 都要 | can't publish without one | 没商标发不了 | yep they need one | 需要的 | of course | it must have a trademark | 要有商标才行 | all of them do | 是的需要",
        "no": "no | 不需要 | not required | 不用 | no trademark needed | 可以不要 | it works without | 没有要求 | 无需 | they don't | nope | 不用的 | they need none | no mark required | 不强制 | isn't required | 不需要商标",
        ASK: "we have no email | 没有邮箱 | what's a trademark? | 没有企业支付宝 | 没收到邀请 | 5000 | 没有商标 | TM | 有R标 | our mailbox is new | 我们没有邮箱 | 没开通支付宝 | some of them | 30000",
        "unknown": "no idea | 不清楚 | 还没查 | depends | haven't looked | 没看过 | no clue",
    },
    "store-entry.trademark_status": {
        "registered": "R | R mark | we hold the certificate | 注册证拿到了 | 有R标 | 商标已经下来了 | registered since 2020 | not TM but R | 已经拿到证书 | fully registered | our trademark is registered | 是R标不是TM | yes, registered | 有注册证 | certificate is here | R标有的 | 商标证下来了 | it is registered | 注册好了 | has an R mark",
        "accepted": "TM mark | only TM so far | 受理中 | 还在申请中 | we have the acceptance notice | application pending | 受理通知书拿到了 | 等证下来 | applied, waiting for the certificate | 没有R标，有TM标 | 注册证还没下来 | TM | 刚受理 | 有受理书，没注册证 | acceptance letter only | 还没拿到证，受理了 | still pending | the trademark office accepted the application",
        "authorised": "authorised by the brand | 有授权 | we're a distributor | 代理别人的品牌 | the brand owner gave us a letter | 品牌方给了授权书 | licensed from the manufacturer | brand authorisation | 别人授权的 | we resell with the owner's permission | 厂家给的授权 | we are an authorised dealer | 代理商",
        "none": "no | none | 没有 | no trademark yet | 还没申请 | we plan to apply | 准备去注册 | haven't applied | 打算申请 | no brand | 还没有商标 | going to file soon | never applied | nothing at all | 没有呢 | no mark | 还没去办 | we want to file next month | 正准备申请 | never had one | 白牌",
        ASK: "we had one but it lapsed | 过期了 | 没有支付宝 | no mailbox | yes | 有 | what is TM? | 3个 | 没有执照 | it ran out last year | 到期了 | the certificate was revoked | 没有邀请 | 1万 | R and TM | 没开过店",
        "unknown": "don't know | 不清楚 | 记不清了",
    },
    "store-entry.trademark_covers": {
        "yes": "yes | 包含 | it covers shoes | all included | 都在范围内 | it's the same class | 都包括 | yes it covers footwear | of course | 类目一致 | everything is covered | 里面都有 | yes they're all in it | 都包含 | covers all | it does | 在范围内的 | includes bags too | 里面有 | right class | 25类的，对得上",
        "no": "no | 不包含 | not covered | different class | 不在里面 | it doesn't cover them | 没包括 | wrong class | 类别不对 | not really | 没有包含 | 不对类 | different category | it's for another class | 类目不对 | doesn't include them",
        ASK: "没有支付宝 | no alipay | 有R标 | what classes? | 没有商标 | half of it | 邮箱是新的 | no invitation | 我们卖鞋",
        "unknown": "not sure | 没看过 | 不知道",
    },
    "store-entry.alipay": {
        "enterprise": "the company's | enterprise | 企业的 | our company has one | 公司支付宝 | business alipay | 公司有 | not the boss's, the company's | 对公的 | 企业支付宝有的 | company one | 用公司的 | 企业账号 | we've got an enterprise account | 公司开了企业支付宝 | the firm has its own",
        "legal_person": "the boss's | 法人的 | 老板自己的 | personal alipay of the legal person | my own, I'm the legal person | 公司没有，老板有 | not the company's, the owner's | 法人支付宝 | 用老板的 | only the boss's | 老板个人的 | the director's own account | 法人个人的 | 法人那个 | just the legal person's | 企业的没开，用法人的",
        "none": "none | 都没有 | neither | no alipay at all | 没有支付宝 | 两个都没有 | we have neither | we have none | 都还没开 | not yet | 没有，都没有 | don't have any | 两种都没",
        ASK: "wechat | 微信 | 我老婆的 | my friend's | yes | 没有商标 | 有 | 5万 | what's alipay? | both of them | 我弟弟的 | paypal | 朋友的支付宝 | no email | 三个 | 没邀请",
        "unknown": "not sure | 不清楚",
    },
    "store-entry.email": {
        "new": "new | 新的 | never used anywhere | 刚申请的 | I'll create a fresh one | 没注册过 | not used yet | brand-new | 没用过的 | will make one | 全新邮箱 | a clean one | a new gmail | 新注册的 | just made it | 还没用过 | freshly registered | 没注册过淘宝 | we'll open a new one",
        "used": "used | 注册过 | it's our taobao mailbox | 和阿里巴巴一样的 | 用过的 | already registered with Alibaba | 老邮箱 | same as for 1688 | 淘宝用的那个 | an old one | the one from taobao | 注册过阿里 | 淘宝在用的 | used it for Alibaba | old address | 跟1688一样 | 以前注册过",
        ASK: "qq邮箱 | 163 | outlook | 没有支付宝 | hotmail | icloud | 企业邮箱 | no trademark | 没有 | three",
        "unknown": "don't know | 不记得了",
    },
    "store-entry.accounts_already": {
        0: "0 | none | zero | 没有 | 一个没有 | 一次都没有过 | 没一个 | never had one | this would be our first | 头一回 | 还没开过 | 从来没认证过 | no accounts | not any | 没注册过 | first store ever | 零个 | haven't opened any | nil | 没开过店 | we've not opened any | 首次 | 还没 | never ever | 0个 | 没有账号 | our very first | 半个都没有",
        1: "1 | one | 一个 | just one | 就一个 | only one so far | exactly one | 一个了 | 1 account | 仅一个",
        2: "two | 两个 | 2 stores | 俩 | a couple",
        3: "three | 3 accounts | 仨 | 亚马逊五个，速卖通三个 | 3 on AliExpress, 2 on eBay",
        6: "six | 半打 | six of them | 已经开满6个 | 六个了",
        12: "a dozen | 12",
        ASK: "some | 几个吧 | 5 or 6 | 五六个 | 4.5 | -2 | half | more than 4 | lots | 两万块 | 20000 yuan | 没有商标 | what counts as an account? | less than 10 | a few | 好几个 | 三到七个 | 1.5 | minus one | at least 3 | under 10 | 五万 | 六成 | two thousand yuan | 一半",
        "unknown": "don't know | 记不清 | can't say",
        4: "four | 四个了 | 4 so far | three, no, four | 3个，说错了，4个 | 不是3个，是4个",
        7: "seven | 7 accounts | 七个账号",
    },
    "store-entry.deposit_cny": {
        0: "0 | nothing | 没有 | no money | 一分钱都没有 | 没钱 | not a cent | zero | 一毛钱没有",
        10000: "10000 | 1万 | 一万块 | ten thousand | 10k | 1w | RMB 10,000 | 壹万 | 1,0000 | 10.000 | １万 | 一万整 | ¥10,000.00 | 10,000 yuan | 一万元 | 10000块 | exactly 10k | １００００ | 一万人民币 | 1万RMB | 1万块钱",
        15000: "15000 | 1万5 | 1w5 | 一万五 | 15k | 1.5万 | fifteen thousand | 1.5w",
        20000: "2万 | 二万 | 20 thousand | 两万元 | 2w | 贰万",
        150000: "十五万 | 15万 | 150k | 15w",
        100000: "100,000 | 10万 | 十万块 | a hundred thousand",
        ASK: "$5000 | 5000美元 | 3000 euros | 三 | 5 | 3 | 一百 | 不到一万五，一万左右吧 | 8千到1万2 | between 9000 and 11000 | 三个账号 | two accounts | how much must I pay? | 没有商标 | a few | 很多 | 300 orders | 5000 dollars | 一千欧 | 八 | 1 | 9千到1万1 | 一万上下 | about 10000 | not quite 50000? | over 10000 | 一万多 | a lot | 10 accounts | HK$20000 | 3万港币",
        "unknown": "not sure | 不知道 | 还没想好",
        12000: "12k | 一万二 | 1.2w | 1w2 | 12 thousand",
        50000: "5万 | 50k | 五万块 | fifty thousand yuan | 5w | ¥50000 | 伍万",
        30000: "three times ten thousand? no, 30000 | 三万 | 20000, sorry, 30000 | 两万，哦不，三万",
    },
    "deposit.category_deposits": {
        (10000,): "10000 | 一万 | 10k for shoes | 1万",
        (10000, 20000): "10000 and 20000 | 一万和两万 | 1w、2w | 一个1万一个2万 | 1万跟2万 | 10k, 20k",
        (30000,): "3万 | 三万块 | not 20000, 30000 | 两万，不对，三万",
        ASK: "5000 | 八千 | $10000 | two categories | 三个类目 | 10万 | shoes | 100",
        "unknown": "don't know | 不清楚",
    },
    "medal.monthly_gmv_usd": {
        0: "0 | nothing yet | 还没开单 | zero | 没有 | 一单没出 | no sales yet | haven't sold anything | 没卖出去过 | none | nothing sold yet | 还没成交 | 零单 | 没有销量 | 没开张",
        8000: "8000 | $8,000 | 八千 | 8k | 8千美金 | about 8000 a month | 八千刀 | 每个月8000 | 月均八千美元",
        12000: "12000 | 1.2万 | 一万二 | 12k usd | 每月一万二美金",
        50000: "5万刀 | 50k",
        ASK: "9000 euros | 8万人民币 | 一年10万美金 | 100k a year | 500 a week | 每天300美金 | 30000 in total over three months | 半年六万美金 | 24,000 last quarter | 9千到1万1 | around 10k | 500 orders | 3000单 | 差不多一万 | 一万左右 | 去年一共卖了十万刀 | 100 visitors | 5000卢布 | gold | 40,000 in the last quarter | 一季度3万 | 100刀一天 | $200 daily | 每周两千美金 | 一个季度三万刀 | yearly 90k | £9000 | 6万元人民币 | 8千5到1万2 | 上下一万 | nearly 10k | 近一万 | 1000 orders | 200单 | 五千件 | last year 150k | 今年卖了8万刀",
        "unknown": "no idea | 不知道 | 没算过",
        9000: "9000 | $9k | 九千 | 9千刀 | 9000 usd a month | 月均九千 | 每月9000左右",
        20000: "20k | 两万美金 | $20,000 per month | 2万刀",
    },
    "medal.strengths": {
        ("store",): "店铺 | many followers | 粉丝多 | our store looks great | 无忧退货 | good service | 服务好 | 粉丝 | lots of followers",
        ("brand",): "brand | 品牌知名 | a famous brand | 牌子有名 | 自有品牌 | 品牌 | our brand is well known | 老品牌",
        ("goods",): "low prices | 价格有优势 | quality of the products | 性价比高 | 货好 | cheap prices | 产品质量好 | the goods | 质量",
        ("supply_chain",): "we have an overseas warehouse | 发货快 | 海外仓 | fast shipping | 自己有工厂 | warehouse in Spain | 物流快 | our own factory | 有海外仓",
        ("brand", "goods"): "brand and goods | 品牌和价格 | 商品，还有品牌 | brand, goods | 品牌跟商品都行",
        ("brand", "store", "supply_chain"): "all but goods | 除了商品都有 | everything except the goods",
        (): "none | 都没有 | nothing special | 没什么优势 | 一个都没有 | none of these | nothing | 没有优势 | none really | 都一般",
        ("brand", "goods", "store", "supply_chain"): "all | 都有 | all of them | 全部",
        ASK: "8000 | 八千 | 不到一万 | yes | what do you mean by store? | 七千 | 不到8000 | hmm | which one?",
        "unknown": "don't know | 说不清",
        ("goods", "supply_chain"): "price and delivery | 价格和物流 | goods plus supply chain",
    },
    "turnover-proof.documents": {
        ("bank_statement",): "company bank statement | 公司银行流水 | 对公的 | statements of the company account | 公户流水 | not mine, the company's bank statement | 公司流水 | the firm's bank statement | 对公银行流水有",
        ("tax_return",): "报税表 | 增值税申报表 | VAT return | our tax filings | 完税证明 | no export declaration, just the tax return | tax declaration | 纳税证明 | 增值税报表 | only the tax return",
        ("export_declaration",): "报关单 | customs declaration | 出口报关资料 | 报关单，没有税表 | customs forms | 出口报关单有",
        ("competitor_backend",): "Amazon screenshots | 亚马逊后台截图 | 抖音店数据 | eBay sales reports | 其他平台的后台 | data from our Lazada shop | 拼多多店铺流水 | Temu backend | 淘宝店的后台数据 | 亚马逊的销售报表 | shopify sales data | 别家平台的截图",
        ("personal_statement",): "my private account | 个人银行卡流水 | 老板的银行流水 | 私人账户流水 | the owner's bank statement | bank statement, but a personal one | 法人个人流水 | statement from my own card | my own bank statement | 我自己的流水 | 私卡流水 | 老板娘的卡流水 | the director's private account",
        ("bank_statement", "tax_return"): "bank statement + tax return | company statement and VAT returns | 对公流水、纳税申报表 | company bank statement, tax return | 对公流水和完税证明",
        ("bank_statement", "competitor_backend", "export_declaration", "personal_statement"): "all but the tax return | 除了税表都有",
        (): "none | 都没有 | nothing | 什么都没有 | 一样都没有 | none of them | nothing yet | 啥都没有 | none at all",
        ASK: "没有报关单 | invoices | 发票 | 微信账单 | 支付宝流水 | wechat statement | alipay statement | 合同 | contracts | 8000 | receipts | 收据 | paypal records | no bank statement | 微信 | 没报关单",
        "unknown": "not sure | 不知道",
    },
    "commission-refund.tier": {
        "gold": "gold | 金牌 | we are gold | 金牌商家 | 银牌升到金牌了 | we're gold | 金",
        "silver": "silver | 银牌店铺 | not gold, silver | 去年金牌，今年银牌 | silver now, gold before | 以前金牌，现在银牌了 | 降到银牌了",
        "mall": "MALL | AE Mall | 我们是Mall店 | mall | 我们进了Mall",
        "none": "none | 都不是 | no medal | 普通商家 | 没评上 | not any | no tier | 没牌 | nothing | 普通",
        ASK: "gold or silver | 金牌或银牌 | 200 days | yes | 不是金牌 | platinum | 钻石 | bronze | 金或银 | 半年",
        "unknown": "no idea | 不知道",
    },
    "commission-refund.store_age_days": {
        0: "today | 今天刚开 | opened today | just opened today | 今天",
        1: "yesterday | 昨天开的",
        100: "100 | 100 days | 一百天 | 100天了",
        14: "two weeks | 2周 | 两个星期 | a fortnight",
        400: "400 days | 四百天",
        Between(355, 370): "a year | 一年 | one year | 12个月",
        Between(720, 735): "2 years | 两年了 | two years now",
        Between(450, 465): "15 months | 一年零三个月 | 15个月",
        ASK: "last winter | 去年夏天 | 今年年初 | since April 2026 | 2023年 | 23年开的 | since 2021 | 上个月 | 五个月到七个月 | 6 months | 半年 | about half a year | 180天左右 | gold | 10000 yuan | since 11.11 | 今年618 | 去年双十二 | last spring | in May | 5月份开的 | 三月八号 | March 3rd | 8000美元 | a while | 很久了 | 三个店 | 5 stores | since last autumn | 今年三月 | 2024年5月 | last May | 22年底开的 | opened in 2022 | 双十一那天 | 去年国庆 | since Christmas | 五六个月 | six months or so | 半年左右 | 100 orders | 银牌 | 很久 | 不久",
        "unknown": "don't know | 忘了",
        60: "60 days | 两个月 | 2 months | 六十天",
        365: "365",
        Between(545, 550): "一年半",
        Between(1090, 1100): "three years | 3年 | 三年了",
    },
    "authentication.enterprise_alipay": {
        "yes": "yes | 有 | we have one | 开好了 | opened already | 公司有 | 刚开通 | sure | it's ready since May | we do | 开了的 | have it | 公司已经有了 | opened it yesterday | 有企业号",
        "no": "no | 没有 | not yet | 只有法人的 | only the owner's | 还没申请 | 公司没有 | 在申请 | we don't have that | 没办过 | not so far | 没有企业支付宝 | 还没办下来 | only personal | 没 | 公司还没开通",
        ASK: "wechat | what is it? | 3 | 没有商标 | 微信 | 会计说有微信 | what's enterprise alipay | 没有R标",
        "unknown": "not sure | 不清楚",
    },
    "authentication.legal_person_alipay": {
        "yes": "yes | 有的 | he does | 老板有 | she uses it every day | the boss has one | 法人有 | 我自己有",
        "no": "no | 没有 | he doesn't | 法人没有 | she has none | 老板不用支付宝 | he never had one",
        ASK: "his wife has one | 他老婆的 | 会计有",
        "unknown": "don't know | 不清楚",
    },
    "mall.store": {
        "none": "no | not yet | 没有 | 还没开 | we want to open one | only on Amazon | 只有淘宝店 | 打算开 | closed last year | 准备开 | none | 还没 | no store | 没开 | still planning | 准备明年开",
        "open": "yes | 有 | 开了三年 | it's been running since 2020 | 已经开了 | we have one | 去年开的 | our store is open | opened two months ago | 老店了 | sure, since 2019 | 在运营 | yes for 2 years | 开店两年了 | we opened last month",
        ASK: "gold | 8000 | what is MALL? | 没有商标 | what's that | 金牌",
        "unknown": "don't know | 不清楚",
    },
    "mall.qualifications": {
        "ready": "ready | yes | 齐了 | all there | 都准备好了 | complete | everything's ready | 没问题都有 | 备齐了 | yes all ready | 全了 | got everything | 材料都有",
        "not_ready": "not yet | no | 还没 | almost | still preparing | 还差一个 | 没齐 | some are missing | 在准备 | half | 快了 | next week | 还缺授权书 | no, one missing | 没准备 | 缺两个 | in progress | 还没好 | soon",
        ASK: "which documents? | 有店 | 8000 | what qualifications? | 哪些资质",
        "unknown": "don't know | 不清楚",
    },
    "mall.data_optimised": {
        "yes": "yes | done | 优化过了 | we improved it | 弄好了 | all done | 做过了 | better than before | 提升了 | improved | 优化好了 | we've done it | 都弄好了 | 改善了不少",
        "no": "no | not yet | 还没 | 没做 | still working on it | 没优化 | 正在做 | we didn't | nope | 还没优化 | not at all | 在优化 | 没动",
        ASK: "which data? | 8000 | 有流水 | 怎么优化",
        "unknown": "don't know | 说不好",
    },
}  # fmt: skip


def reading(place: str, text: str) -> Reading | None:
    check, _, question = place.partition(".")
    made = shipped(check)
    return read_answer(made, made.check.question(question), text, lang_of(text), TODAY)


def taken(place: str, text: str) -> Any:
    """The value taken, "unknown", or ASK."""
    read = reading(place, text)
    if read is None or read.problem or read.confirm:
        return ASK
    return "unknown" if read.unknown or read.answer is None else plain_value(read.answer)


@pytest.mark.parametrize(
    ("place", "wanted", "texts"),
    [(place, wanted, texts) for place, rows in READ.items() for wanted, texts in rows.items()],
)
def test_a_text_is_taken_or_asked_about(place: str, wanted: Any, texts: str) -> None:
    for text in texts.split(" | "):
        got = taken(place, text)
        if isinstance(wanted, Between):
            assert wanted.low <= got <= wanted.high, text
        elif isinstance(wanted, tuple):
            assert isinstance(got, list), text
            assert sorted(got) == sorted(wanted), text
        else:
            assert got == wanted, text


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("medal.monthly_gmv_usd", "12,000 a year", 1000),
        ("medal.monthly_gmv_usd", "一年十二万美金", 10000),
        ("medal.monthly_gmv_usd", "30000 in total over three months", 10000),
        ("medal.monthly_gmv_usd", "每天300美金", 9000),
        ("medal.monthly_gmv_usd", "24,000 last quarter", 8000),
        ("store-entry.deposit_cny", "2 x 10000", 20000),
        ("store-entry.deposit_cny", "三", 3),
        ("commission-refund.store_age_days", "since 1 November 2026", 28),
        ("commission-refund.store_age_days", "去年双十二", 352),
        ("commission-refund.store_age_days", "今年618", 164),
        ("commission-refund.store_age_days", "2023年", 1200),
        ("commission-refund.store_age_days", "半年", 180),
    ],
)
def test_what_is_computed_or_likely_waits_for_a_yes(place: str, text: str, value: int) -> None:
    read = reading(place, text)
    assert read is not None
    assert read.answer is not None
    assert (plain_value(read.answer), read.confirm) == (value, True)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("since March 2025", (608, 638)),
        ("23年开的", (1064, 1428)),
        ("上个月", (29, 59)),
        ("last summer", (90, 181)),
        ("opened on the 3rd of march", (271, 271)),
        ("十二月二十号", (344, 344)),
        ("last week", (7, 13)),
        ("前年国庆", (789, 789)),
        ("early 2025", (639, 697)),
        ("2023", (1064, 1428)),
        ("8 months", None),
        ("3个月", None),
        ("两年零三个月", None),
        ("may be 200", None),
        ("618 days", None),
        ("february 30", None),
    ],
)
def test_days_of_the_past(text: str, days: tuple[int, int] | None) -> None:
    named = past_days(fold(text), TODAY)
    assert (named and ((TODAY - named.last).days, (TODAY - named.first).days)) == days


@pytest.mark.parametrize(
    ("check", "text", "facts"),
    [
        (
            "store-entry",
            "check us: we're an Ltd in Ningbo, ours is registered, a new mailbox, no accounts so far and 20000 yuan for the deposit",
            {"business_type": "company", "company_country": "china", "trademark_status": "registered", "email": "new",
             "accounts_already": 0, "deposit_cny": 20000},
        ),
        (
            "store-entry",
            "苏州的企业，TM标，公司支付宝有，从没开过店，押金能出三万",
            {"business_type": "company", "company_country": "china", "trademark_status": "accepted", "alipay": "enterprise",
             "accounts_already": 0, "deposit_cny": 30000},
        ),
        ("store-entry", "我们人在广州，公司注册在澳门", {"business_type": "company", "company_country": "other"}),
        ("store-entry", "没有支付宝", {"alipay": "none"}),
        ("store-entry", "no trademark yet", {"trademark_status": "none"}),
        ("authentication", "企业支付宝办好了，号有两个", {"enterprise_alipay": "yes", "accounts_already": 2}),
        ("benefits", "we are gold, opened 60 days ago", {"tier": "gold", "store_age_days": 60}),
        ("commission-refund", "金牌，开店200天", {"tier": "gold", "store_age_days": 200}),
        ("mall", "还没有店，资料都备齐了", {"store": "none", "qualifications": "ready"}),
        ("medal", "月GMV一万六美金", {"monthly_gmv_usd": 16000}),
    ],
)  # fmt: skip
def test_one_sentence_tells_several_facts(check: str, text: str, facts: dict[str, Any]) -> None:
    found = mentions(shipped(check), text, lang_of(text))
    assert {name: plain_value(answer) for name, answer in found.given.items()} == facts


def names_of_others(made: Logic, question: Question) -> Iterator[str]:
    """The names of other questions' values that are none of this question's and no general phrases."""
    words = vocabulary(made.check)
    for other in made.check.questions:
        for option in other.options if other.id != question.id else ():
            for name in dict.fromkeys((option.label.en, option.label.zh, *both(option.also))):
                if words.belongs_elsewhere(question, tokens_of(fold(name))):
                    yield name


@pytest.mark.parametrize("check", CHECKS)
def test_no_name_of_another_question_s_value_changes_the_verdict_unconfirmed(check: str) -> None:
    made = shipped(check)
    tried = 0
    for question in made.check.questions:
        if made.classes[made.index[question.id]].count == 1:
            continue
        for name in names_of_others(made, question):
            for text in (name, f"我们{name}" if lang_of(name) == "zh" else f"we, {name}"):
                read = read_answer(made, question, text, lang_of(name))
                tried += 1
                assert read is None or read.answer is None or read.confirm, (question.id, text, read)
    assert tried or sum(question.kind not in NUMBERS for question in made.check.questions) < 2


def sample(pattern: Pattern) -> list[str]:
    """The words of a pattern with the first of all alternatives, and nothing in its gaps."""
    words: list[str] = []
    for part in pattern:
        words += ([] if part == GAP else [part]) if isinstance(part, str) else sample(part[0])
    return words


@pytest.mark.parametrize("check", CHECKS)
def test_every_value_is_read_by_what_is_said_of_it(check: str) -> None:
    made = shipped(check)
    for question in made.check.questions:
        for option in question.options:
            for text in both(option.said):
                words = sample(pattern_of(text))
                plain = ("" if lang_of(text) == "zh" else " ").join(words)
                read = read_answer(made, question, plain, lang_of(text))
                assert read is not None, (question.id, option.id, plain)
                if not read.problem:  # two values may share words
                    assert read.answer in (option.id, frozenset([option.id])), (question.id, option.id, plain, read)


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        (
            "(got/received) [an] invitation",
            "got invitation | received an invitation",
            "an invitation | got the invitation",
        ),
        (
            "waiting for … certificate",
            "waiting for certificate | waiting for our own certificate",
            "waiting for no certificate",
        ),
        ("(申请/办)[了]…没下来", "申请没下来 | 办了好久没下来", "没下来 | 申请了不知道怎么就是一直没下来"),
        ("a (b/[c] (d/e)) f", "a b f | a d f | a c e f", "a f | a c f"),
    ],
)
def test_a_pattern(pattern: str, fits: str, not_: str) -> None:
    phrases = Phrases()
    phrases.learn([pattern], "value", "it")
    for text in fits.split(" | "):
        words = tokens_of(fold(text))
        assert (0, len(words)) in {span.stretch for span in phrases.spans(words)}, text
    for text in not_.split(" | "):
        words = tokens_of(fold(text))
        assert (0, len(words)) not in {span.stretch for span in phrases.spans(words)}, text


def test_brackets_of_patterns_have_to_close() -> None:
    assert [text for text in ("(a/b) c", "[a] b", "a … b", "(a", "a)", "(a]", "a/b", "a|b", "", "[ ]") if is_well_formed(text)] == [
        "(a/b) c", "[a] b", "a … b",
    ]  # fmt: skip
