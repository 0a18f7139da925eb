-- Who is in it: {"ann": 5000000001, "wei": 5000000002, "bob": 5000000003, "boss": 5000000004, "anna": 5000000005, "shop": 5000000006, "sellers": -1001000000007, "desk": -1001000000008, "code": "XWQZ3-HW4RW-FJ61H", "card": 1, "cookie": "hhmrvVFfjhADaABdeJuR3A.YMKvZkYPLWmAOPSYO4n0cqHW", "update": 100000020}
PRAGMA application_id = 1835167604;
PRAGMA user_version = 12;
BEGIN TRANSACTION;
CREATE TABLE conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL, touched REAL NOT NULL DEFAULT 0) STRICT;
INSERT INTO "conversations" VALUES('telegram:5000000001:5000000001','{"lang":"en","topic":"commission-rate","offered":[{"label":"Store","says":"medal.strengths=+store#zzdy","numbered":true,"private":false},{"label":"Brand","says":"medal.strengths=+brand#zzdy","numbered":true,"private":false},{"label":"Goods","says":"medal.strengths=+goods#zzdy","numbered":true,"private":false},{"label":"Supply chain","says":"medal.strengths=+supply_chain#zzdy","numbered":true,"private":false},{"label":"None of these","says":"medal:done=strengths#zzdy","numbered":true,"private":false},{"label":"I don''t know","says":"medal.strengths=unknown#zzdy","numbered":true,"private":false}],"check":{"check":"medal","run":"zzdy","answers":[["monthly_gmv_usd",7000]],"asked":"strengths","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[{"id":"2","mark":"d207e7e7587a","at":1796008029,"question":null,"run":null},{"id":"4","mark":"78f24b5b8677","at":1796008031,"question":null,"run":null},{"id":"6","mark":"db6ea9ae3036","at":1796008031,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1796008031,"question":"monthly_gmv_usd","run":"zzdy"},{"id":"11","mark":"7b009aade339","at":1796008032,"question":"strengths","run":"zzdy"}],"silent_until":0,"recent":[{"text":"how much is the deposit","answered":"How much the deposit is"},{"text":"medal check","answered":"Can I become a gold or silver merchant?"},{"text":"7000","answered":"Can I become a gold or silver merchant?"},{"text":"commission rate","answered":"Commission rate"}],"ticket":null,"cited":["A2"],"last":["commission-rate/"],"rest":[]}',1.79600803240283751491e+09);
INSERT INTO "conversations" VALUES('telegram:5000000002:5000000002','{"lang":"zh","topic":"medal-preferred-access","offered":[{"label":"修改回答","says":"medal:review#qrxx","numbered":true,"private":false},{"label":"金银牌的GMV要求","says":"topic=medal-gmv","numbered":true,"private":false},{"label":"优选准入","says":"topic=medal-preferred-access","numbered":true,"private":false},{"label":"咨询顾问","says":"consultant","numbered":true,"private":false},{"label":"重新自查","says":"medal:again#qrxx","numbered":true,"private":false}],"check":{"check":"medal","run":"qrxx","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"asked":null,"chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":"XWQZ3-HW4RW-FJ61H","until":"2027-02-22","parked":false},"unclear":null,"told":[],"heard":[{"id":"4","mark":"78f24b5b8677","at":1796008031,"question":null,"run":null},{"id":"6","mark":"cae6c1660279","at":1796008031,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1796008031,"question":"monthly_gmv_usd","run":"qrxx"},{"id":"10","mark":"58fdb0941f36","at":1796008031,"question":"strengths","run":"qrxx"},{"id":"12","mark":"53a546e7e698","at":1796008031,"question":"strengths","run":"qrxx"}],"silent_until":0,"recent":[{"text":"金银牌自查","answered":"我能拿到金牌或银牌吗？"},{"text":"7000","answered":"我能拿到金牌或银牌吗？"},{"text":"商品","answered":"我能拿到金牌或银牌吗？"},{"text":"选好了","answered":"我能拿到金牌或银牌吗？"}],"ticket":null,"cited":["A2"],"last":["medal-preferred-access/"],"rest":[]}',1.79600803188594961164e+09);
INSERT INTO "conversations" VALUES('telegram:5000000003:5000000003','{"lang":"en","topic":null,"offered":[{"label":"End the chat with the consultant","says":"end","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"2","mark":"f1549f7a238b","at":1796008031,"question":null,"run":null},{"id":"4","mark":"07be80b9e593","at":1796008031,"question":null,"run":null},{"id":"7","mark":"c25fcb6e3d45","at":1796008032,"question":null,"run":null}],"silent_until":0,"recent":[{"text":"how do I get out of a loan for my shop","answered":"not known"}],"ticket":null,"cited":[],"last":[],"rest":[]}',1.79600803208769154543e+09);
INSERT INTO "conversations" VALUES('telegram:-1001000000007:5000000004','{"lang":"en","topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null,"cited":[],"last":[],"rest":[]}',1.79600803213955926892e+09);
INSERT INTO "conversations" VALUES('telegram:5000000006:5000000006','{"lang":null,"topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null,"cited":[],"last":[],"rest":[]}',1.79600803219211626053e+09);
INSERT INTO "conversations" VALUES('telegram:5000000001@BizConn000009:5000000001','{"lang":"en","topic":"commission-rate","offered":[{"label":"Commission refund","says":"topic=benefit-commission-refund","numbered":true,"private":false},{"label":"What joining costs","says":"topic=entry-fee","numbered":true,"private":false},{"label":"How much the deposit is","says":"topic=deposit-amount","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"1","mark":"7b009aade339","at":1796008032,"question":null,"run":null}],"silent_until":0,"recent":[],"ticket":null,"cited":["A2"],"last":["commission-rate/"],"rest":[]}',1.79600803221308183673e+09);
INSERT INTO "conversations" VALUES('web:hhmrvVFfjhADaABdeJuR3A:hhmrvVFfjhADaABdeJuR3A','{"lang":"zh","topic":null,"offered":[{"label":"中国","says":"store-entry.company_country=china#jjh9","numbered":true,"private":false},{"label":"其他国家","says":"store-entry.company_country=other#jjh9","numbered":true,"private":false},{"label":"不知道","says":"store-entry.company_country=unknown#jjh9","numbered":true,"private":false},{"label":"上一题","says":"store-entry:back=company_country#jjh9","numbered":true,"private":false},{"label":"更多","says":"store-entry:where#jjh9","numbered":true,"private":false}],"check":{"check":"store-entry","run":"jjh9","answers":[["business_type","company"]],"asked":"company_country","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[{"text":"入驻自查","answered":"我能开店吗？"},{"text":"公司","answered":"我能开店吗？"}],"ticket":null,"cited":[],"last":[],"rest":[]}',1.79600803232393550876e+09);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,1.79600803135577273368e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(2,1.79600803140039062496e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(3,1.79600803146279478072e+09,'turn','telegram:5000000001:5000000001','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(4,1.79600803150998449323e+09,'turn','telegram:5000000001:5000000001','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(5,1.7960080316525316238e+09,'turn','telegram:5000000002:5000000002','{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":0.9985,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(6,1.79600803172958350178e+09,'turn','telegram:5000000002:5000000002','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(7,1.79600803181601262085e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(8,1.79600803184950494765e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(9,1.7960080318564355373e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(10,1.79600803188594961164e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(11,1.79600803198471474647e+09,'turn','telegram:5000000003:5000000003','{"verdict":"unknown","topics":[],"check":null,"score":0.8422,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(12,1.79600803202608156209e+09,'turn','telegram:5000000003:5000000003','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(13,1.79600803202608156209e+09,'ticket','telegram:5000000003:5000000003','{"what":"opened"}');
INSERT INTO "events" VALUES(14,1.79600803206728172299e+09,'ticket','telegram:5000000003:5000000003','{"what":"answered"}');
INSERT INTO "events" VALUES(15,1.79600803208769154543e+09,'ticket','telegram:5000000003:5000000003','{"what":"asked"}');
INSERT INTO "events" VALUES(16,1.79600803213955926892e+09,'turn','telegram:-1001000000007:5000000004','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(17,1.79600803221308183673e+09,'turn','telegram:5000000001@BizConn000009:5000000001','{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(18,1.79600803230080080033e+09,'turn','web:hhmrvVFfjhADaABdeJuR3A:hhmrvVFfjhADaABdeJuR3A','{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(19,1.79600803232393550876e+09,'turn','web:hhmrvVFfjhADaABdeJuR3A:hhmrvVFfjhADaABdeJuR3A','{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(20,1.79600803240283751491e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
CREATE TABLE groups (
  channel TEXT NOT NULL, chat TEXT NOT NULL, settings TEXT NOT NULL, ended REAL, PRIMARY KEY (channel, chat)
) STRICT;
INSERT INTO "groups" VALUES('telegram','-1001000000007','{"here":true,"on":true,"keywords":true,"allowed":null,"lang":null,"cooldown":5,"quiet":10,"said":[],"attended":0.0}',NULL);
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  part INTEGER NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'dead')),
  error TEXT,
  arrived REAL NOT NULL,
  finished REAL
, attempts INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "inbox" VALUES(1,'telegram:7000000001:100000001','telegram','5000000001',36,'','done',NULL,1.79600803131710267061e+09,1.79600803135577273368e+09,0);
INSERT INTO "inbox" VALUES(2,'telegram:7000000001:100000002','telegram','5000000001',36,'','done',NULL,1.79600803139293026928e+09,1.79600803140039062496e+09,0);
INSERT INTO "inbox" VALUES(3,'telegram:7000000001:100000003','telegram','5000000001',36,'','done',NULL,1.79600803144101548195e+09,1.79600803146279478072e+09,0);
INSERT INTO "inbox" VALUES(4,'telegram:7000000001:100000004','telegram','5000000001',36,'','done',NULL,1.7960080314888803959e+09,1.79600803150998449323e+09,0);
INSERT INTO "inbox" VALUES(5,'telegram:7000000001:100000005','telegram','5000000002',30,'','done',NULL,1.79600803153333425524e+09,1.7960080316525316238e+09,0);
INSERT INTO "inbox" VALUES(6,'telegram:7000000001:100000006','telegram','5000000002',30,'','done',NULL,1.79600803170489645003e+09,1.79600803172958350178e+09,0);
INSERT INTO "inbox" VALUES(7,'telegram:7000000001:100000007','telegram','5000000002',30,'','done',NULL,1.79600803178920054433e+09,1.79600803181601262085e+09,0);
INSERT INTO "inbox" VALUES(8,'telegram:7000000001:100000008','telegram','5000000002',30,'','done',NULL,1.79600803183701920504e+09,1.79600803184950494765e+09,0);
INSERT INTO "inbox" VALUES(9,'telegram:7000000001:100000009','telegram','5000000002',30,'','done',NULL,1.7960080318532586097e+09,1.7960080318564355373e+09,0);
INSERT INTO "inbox" VALUES(10,'telegram:7000000001:100000010','telegram','5000000002',30,'','done',NULL,1.79600803186119771003e+09,1.79600803188594961164e+09,0);
INSERT INTO "inbox" VALUES(11,'telegram:7000000001:100000011','telegram','5000000003',8,'','done',NULL,1.79600803190905308724e+09,1.79600803198471474647e+09,0);
INSERT INTO "inbox" VALUES(12,'telegram:7000000001:100000012','telegram','5000000003',8,'','done',NULL,1.79600803200077486034e+09,1.79600803202608156209e+09,0);
INSERT INTO "inbox" VALUES(13,'telegram:7000000001:100000013','telegram','-1001000000008',4,'','done',NULL,1.79600803205730175969e+09,1.79600803206728172299e+09,0);
INSERT INTO "inbox" VALUES(14,'telegram:7000000001:100000014','telegram','5000000003',8,'','done',NULL,1.79600803208082199094e+09,1.79600803208769154543e+09,0);
INSERT INTO "inbox" VALUES(15,'telegram:7000000001:100000015','telegram','-1001000000007',21,'','done',NULL,1.79600803210895848278e+09,1.79600803213955926892e+09,0);
INSERT INTO "inbox" VALUES(16,'telegram:7000000001:100000016','telegram','5000000006',7,'','done',NULL,1.79600803216146254542e+09,1.79600803219211626053e+09,0);
INSERT INTO "inbox" VALUES(17,'telegram:7000000001:100000017','telegram','5000000001@BizConn000009',43,'','done',NULL,1.79600803216146254542e+09,1.79600803221308183673e+09,0);
INSERT INTO "inbox" VALUES(18,'web:2cc587278a7e9cca0831d7c4d0f8aa94','web','hhmrvVFfjhADaABdeJuR3A',2,'','done',NULL,1.79600803227780675885e+09,1.79600803230080080033e+09,0);
INSERT INTO "inbox" VALUES(19,'web:64782742b7bbaf3d560459ecd92faed1','web','hhmrvVFfjhADaABdeJuR3A',2,'','done',NULL,1.79600803231538534167e+09,1.79600803232393550876e+09,0);
INSERT INTO "inbox" VALUES(20,'telegram:7000000001:100000018','telegram','5000000004',43,'','done',NULL,1.79600803237288784985e+09,1.79600803240283751491e+09,0);
INSERT INTO "inbox" VALUES(21,'telegram:7000000001:100000019','telegram','5000000001',36,'','done',NULL,1.79600803237288784985e+09,1.79600803240283751491e+09,0);
INSERT INTO "inbox" VALUES(22,'telegram:7000000001:100000020','telegram','5000000002',30,'{"update_id":100000020,"message":{"message_id":15,"from":{"id":5000000002,"is_bot":false,"first_name":"Wei","language_code":"zh-hans"},"chat":{"id":5000000002,"first_name":"Wei","type":"private"},"date":1796008036,"text":"佣金多少"}}','new',NULL,1.79600803676446795463e+09,NULL,0);
CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, address TEXT, touched REAL) STRICT;
INSERT INTO "kept" VALUES('secret','0LOYBjWj5C9sytqafj-coGBKIXCwBxuILR8MvYKMgvc',NULL,NULL);
INSERT INTO "kept" VALUES('telegram-business:7000000001:BizConn000009','{"owner":"5000000006","may_reply":true}','telegram:5000000006:5000000006',1.79600803218147325518e+09);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  part INTEGER NOT NULL,
  payload TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  cause INTEGER,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead', 'gone', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0,
  platform_id TEXT,
  error TEXT,
  made REAL NOT NULL,
  finished REAL
, ticket INTEGER, passing REAL) STRICT;
INSERT INTO "outbox" VALUES(1,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"As of March 2022, the deposit is <b>CNY 10,000 to CNY 50,000</b>. For <b>most categories it is CNY 10,000</b>.\n\nIt is frozen when the store opens, and can be refunded when the account is closed.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Check my case: How much do I deposit?","callback_data":"check=deposit"}],[{"text":"Deposit of a store in several categories","callback_data":"topic=deposit-several-categories"}],[{"text":"Getting the deposit back","callback_data":"topic=deposit-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}]]}}}',0,1,'sent',1,0.0,'3',NULL,1.79600803135577273368e+09,1.79600803138244795795e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(2,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Done. “News and rule changes” will come to you here. /unsubscribe ends it at any time.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Courses and live lessons","callback_data":"subscribe=courses"}],[{"text":"Campaigns and promotions","callback_data":"subscribe=campaigns"}],[{"text":"No more of this","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,2,'sent',1,0.0,'5',NULL,1.79600803140039062496e+09,1.79600803142412519452e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(3,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"One or two questions about your sales and your strengths.\n\n<b>What was your GMV a month over the past 90 days, on average, in US dollars?</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"I don''t know","callback_data":"medal.monthly_gmv_usd=unknown#zzdy"}],[{"text":"Options","callback_data":"medal:where#zzdy"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}',0,3,'sent',1,0.0,'7',NULL,1.79600803146279478072e+09,1.79600803147580099106e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(4,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"GMV a month: USD 7,000. Next:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}',0,4,'sent',1,0.0,'9',NULL,1.79600803150998449323e+09,1.79600803152323985098e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(5,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"按2022年3月的资料，保证金为<b>1万元至5万元</b>，<b>大多数类目是1万元</b>。\n\n保证金在开店时冻结，注销账号后可以退还。\n\n<i>来源：草帽关于开店流程的文章，2022年3月29日，文中写明。此后未再确认。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"帮我自查：我要交多少保证金？","callback_data":"check=deposit"}],[{"text":"多类目的保证金","callback_data":"topic=deposit-several-categories"}],[{"text":"保证金退还","callback_data":"topic=deposit-refund"}],[{"text":"入驻费用","callback_data":"topic=entry-fee"}]]}}}',0,5,'sent',1,0.0,'3',NULL,1.7960080316525316238e+09,1.79600803169345903391e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(6,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，有“平台动态和规则变化”的新内容就发给您。随时可以发送 /unsubscribe 取消。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"课程和直播","callback_data":"subscribe=courses"}],[{"text":"大促和活动","callback_data":"subscribe=campaigns"}],[{"text":"不再接收","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,6,'sent',1,0.0,'5',NULL,1.79600803172958350178e+09,1.7960080317608706951e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(7,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"问您一两个问题：销售额和店铺优势。\n\n<b>近90天，您平均每月的GMV是多少美元？</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"不知道","callback_data":"medal.monthly_gmv_usd=unknown#qrxx"}],[{"text":"更多","callback_data":"medal:where#qrxx"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}',0,7,'sent',1,0.0,'7',NULL,1.79600803181601262085e+09,1.79600803183152484899e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(8,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，月均GMV：7,000美元。接着问：\n\n<b>您的店铺在哪些方面有优势？可以多选。</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"商品","callback_data":"medal.strengths=+goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"都没有","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}',0,8,'sent',1,0.0,'9',NULL,1.79600803184950494765e+09,1.79600803185235333441e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(9,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"<b>您的店铺在哪些方面有优势？可以多选。</b>\n\n已选：商品。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"✓ 商品","callback_data":"medal.strengths=-goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"选好了","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":10,"allow_sending_without_reply":true}}}',0,9,'sent',1,0.0,'11',NULL,1.7960080318564355373e+09,1.79600803185928583139e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(10,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，店铺优势：商品。\n\n<b>按2022年4月的资料：有可能走优选准入，由平台判断。</b>\n? 没到最低要求，但平台可以根据业务判断，优选准入优质商家。您的优势：商品。\n\n<b>要办的事：</b>\n☐ 继续优化金银牌的考核指标。优选准入怎么申请，资料里没有写。\n\n最终以平台正式规则和商家后台为准。门槛和考核指标当时预计2022年5月起在后台显示。\n\n<i>来源：草帽关于AE Mall新体系的文章，2022年4月26日。此后未再确认。</i>\n\n<i>结果码：XWQZ3-HW4RW-FJ61H，有效期至2027年2月22日。把它发给我就能看到这份结果。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"修改回答","callback_data":"medal:review#qrxx"}],[{"text":"金银牌的GMV要求","callback_data":"topic=medal-gmv"}],[{"text":"优选准入","callback_data":"topic=medal-preferred-access"}],[{"text":"咨询顾问","callback_data":"consultant"}],[{"text":"重新自查","callback_data":"medal:again#qrxx"}]]},"reply_parameters":{"message_id":12,"allow_sending_without_reply":true}}}',0,10,'sent',1,0.0,'13',NULL,1.79600803188594961164e+09,1.79600803189964604378e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(11,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"Not in our source: why a bank refuses a loan, and what to do about one that is overdue. It only names the interest discount. Please ask MYbank or your bank.","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}}',0,11,'sent',1,0.0,'3',NULL,1.79600803198471474647e+09,1.79600803199447751042e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(12,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"I have passed your question on to a consultant, who will reply here. Until then, what you write goes to the consultant as well, and I do not answer it myself.\n\nButtons and commands still work. /end ends the chat.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"End the chat with the consultant","callback_data":"end"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,12,'sent',1,0.0,'5',NULL,1.79600803202608156209e+09,1.7960080320394570827e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(13,'telegram','-1001000000008',4,'{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>#12 Bob</b> · Telegram · English\n\n<b>Question:</b> how do I get out of a loan for my shop\n\n<i>Reply to this message to answer; reply with /end to end it.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}}',0,12,'sent',1,0.0,'1',NULL,1.79600803202608156209e+09,1.79600803205730175969e+09,12,NULL);
INSERT INTO "outbox" VALUES(14,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"<b>Consultant:</b> We call you tomorrow","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"about":"2"}',0,13,'sent',1,0.0,'6',NULL,1.79600803206728172299e+09,1.79600803206981277462e+09,12,NULL);
INSERT INTO "outbox" VALUES(15,'telegram','-1001000000008',4,'{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>Bob:</b> thank you, in the morning please","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"ticket":12}',0,14,'sent',1,0.0,'3',NULL,1.79600803208769154543e+09,1.79600803210288810733e+09,12,NULL);
INSERT INTO "outbox" VALUES(16,'telegram','-1001000000007',21,'{"method":"sendMessage","params":{"chat_id":-1001000000007,"text":"<b>My settings in this group</b>\n\n• I answer: on\n• Reply keywords: all\n• Language where a message does not tell: as in the message\n• The same keyword again: after 5 minutes\n• Keywords are left to you: 10 minutes after an administrator has written\n\nIn words: /assistant on, off, keywords on, keywords off, keywords all, keywords Potential Goods, language en, zh or\nauto, cooldown 10, quiet 10.\n\nAll messages of this group reach me, so reply keywords work. I keep nothing that is not meant for me.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":1,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"Keep quiet here","callback_data":"group=off"}],[{"text":"Ignore reply keywords","callback_data":"group=keywords.off"}],[{"text":"Choose the keywords","callback_data":"group=rules"}],[{"text":"Language: English","callback_data":"group=language.en"}],[{"text":"Language: 中文","callback_data":"group=language.zh"}],[{"text":"Same keyword after 0 minutes","callback_data":"group=cooldown.0"}],[{"text":"Same keyword after 10 minutes","callback_data":"group=cooldown.10"}],[{"text":"Same keyword after 60 minutes","callback_data":"group=cooldown.60"}]]}}}',0,15,'sent',1,0.0,'2',NULL,1.79600803213955926892e+09,1.79600803215138173107e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(17,'telegram','5000000001@BizConn000009',43,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"As of March 2022, the platform charges a commission of <b>5% to 8% of each transaction</b>.\n\nJoining itself is free of charge.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Commission refund","callback_data":"topic=benefit-commission-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}],[{"text":"How much the deposit is","callback_data":"topic=deposit-amount"}]]},"business_connection_id":"BizConn000009"}}',0,17,'sent',1,0.0,'2',NULL,1.79600803221308183673e+09,1.79600803221966242792e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(18,'web','hhmrvVFfjhADaABdeJuR3A',2,'{"to":"hhmrvVFfjhADaABdeJuR3A","said":{"id":"385d276db79d7ef3571886d4","text":"入驻自查","press":false},"replies":[{"text":"问您几个问题：公司、商标、支付宝和保证金。不清楚的直接说“不知道”就行。大约9个问题。\n\n**您的营业执照是哪一种？**","buttons":[["企业（公司）","store-entry.business_type=company#jjh9"],["个体工商户","store-entry.business_type=self_employed#jjh9"],["没有营业执照","store-entry.business_type=none#jjh9"],["不知道","store-entry.business_type=unknown#jjh9"],["更多","store-entry:where#jjh9"]],"progress":["我能开店吗？",0,9]}]}',0,18,'sent',1,0.0,NULL,NULL,1.79600803230080080033e+09,1.79600803230543088918e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(19,'web','hhmrvVFfjhADaABdeJuR3A',2,'{"to":"hhmrvVFfjhADaABdeJuR3A","said":{"id":"6cf9f94e25948b24170441b2","text":"公司","press":false},"replies":[{"text":"好的，营业执照：企业（公司）。接着问：\n\n**公司注册在哪里？**","buttons":[["中国","store-entry.company_country=china#jjh9"],["其他国家","store-entry.company_country=other#jjh9"],["不知道","store-entry.company_country=unknown#jjh9"],["上一题","store-entry:back=company_country#jjh9"],["更多","store-entry:where#jjh9"]],"progress":["我能开店吗？",1,8]}]}',0,19,'sent',1,0.0,NULL,NULL,1.79600803232393550876e+09,1.79600803233738231653e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(20,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Spring","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"No more of this","callback_data":"unsubscribe=news"}]]}}}',1,NULL,'sent',1,0.0,'10',NULL,1.79600803234968781473e+09,1.79600803235981845858e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(21,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"春天","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"不再接收","callback_data":"unsubscribe=news"}]]}}}',1,NULL,'sent',1,0.0,'14',NULL,1.79600803234978032116e+09,1.79600803235981845858e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(22,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"The platform charges a commission of <b>5% to 8% of each transaction</b>.\n\nJoining itself is free of charge.\n\n<i>29 March 2022</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":11,"allow_sending_without_reply":true}}}',0,21,'waiting',4,1.79600804083381748203e+09,NULL,'the answer is not Telegram''s, its status is 502',1.79600803240283751491e+09,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(23,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Back to the check:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]}}}',0,21,'waiting',0,0.0,NULL,NULL,1.79600803240283751491e+09,NULL,NULL,NULL);
CREATE TABLE receivers (
  broadcast TEXT NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  call INTEGER NOT NULL,
  PRIMARY KEY (broadcast, channel, chat)
) STRICT;
INSERT INTO "receivers" VALUES('d573d17d020fb7ae8532484d','telegram','5000000001',20);
INSERT INTO "receivers" VALUES('d573d17d020fb7ae8532484d','telegram','5000000002',21);
CREATE TABLE results (
  code TEXT PRIMARY KEY, address TEXT NOT NULL, until TEXT NOT NULL, result TEXT NOT NULL
) STRICT;
INSERT INTO "results" VALUES('XWQZ3-HW4RW-FJ61H','telegram:5000000002:5000000002','2027-02-22','{"code":"XWQZ3-HW4RW-FJ61H","check":"medal","verdict":"ask","en":"**As of April 2022: Perhaps, by preferred access; the platform decides.**  \n? You are below the floor, but the platform may admit good merchants on its own judgement. What you named: Goods.\n\n**To do:**  \n☐ Go on improving the indicators that the medals are assessed by. How one asks for preferred access our source does not say.\n\nThe platform''s official rules and the seller backend have the last word. Thresholds and indicators were to appear there from May 2022.\n\n*Source: Straw Hat, the new AE Mall system, 26 April 2022. Not confirmed since.*","zh":"**按2022年4月的资料：有可能走优选准入，由平台判断。**  \n? 没到最低要求，但平台可以根据业务判断，优选准入优质商家。您的优势：商品。\n\n**要办的事：**  \n☐ 继续优化金银牌的考核指标。优选准入怎么申请，资料里没有写。\n\n最终以平台正式规则和商家后台为准。门槛和考核指标当时预计2022年5月起在后台显示。\n\n*来源：草帽关于AE Mall新体系的文章，2022年4月26日。此后未再确认。*","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"rules":"afabcbb9","made":"2026-11-24","until":"2027-02-22","address":"telegram:5000000002:5000000002"}');
CREATE TABLE subscriptions (
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  subject TEXT NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  made REAL NOT NULL,
  PRIMARY KEY (channel, chat, subject)
) STRICT;
INSERT INTO "subscriptions" VALUES('telegram','5000000001','news','telegram:5000000001:5000000001','en',1.79600803140039062496e+09);
INSERT INTO "subscriptions" VALUES('telegram','5000000002','news','telegram:5000000002:5000000002','zh',1.79600803172958350178e+09);
CREATE TABLE ticket_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  message TEXT NOT NULL,
  made REAL NOT NULL,
  UNIQUE (channel, chat, message)
) STRICT;
INSERT INTO "ticket_messages" VALUES(1,12,'telegram','-1001000000008','1',1.79600803205730175969e+09);
INSERT INTO "ticket_messages" VALUES(2,12,'telegram','-1001000000008','2',1.79600803206728172299e+09);
INSERT INTO "ticket_messages" VALUES(3,12,'telegram','5000000003','6',1.79600803206981277462e+09);
INSERT INTO "ticket_messages" VALUES(4,12,'telegram','-1001000000008','3',1.79600803210288810733e+09);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  first TEXT,
  opened REAL NOT NULL,
  closed REAL
, heard REAL) STRICT;
INSERT INTO "tickets" VALUES(12,'telegram:5000000003:5000000003','en','open','1',1.79600803202608156209e+09,NULL,1.79600803208769154543e+09);
CREATE TABLE working (part INTEGER PRIMARY KEY, process TEXT NOT NULL) STRICT;
CREATE INDEX inbox_new ON inbox (id) WHERE state = 'new';
CREATE INDEX outbox_waiting ON outbox (priority, id) WHERE state = 'waiting';
CREATE INDEX outbox_given_up ON outbox (id) WHERE state IN ('dead', 'gone');
CREATE INDEX outbox_chat ON outbox (channel, chat);
CREATE INDEX inbox_given_up ON inbox (id) WHERE state = 'dead';
CREATE INDEX events_time ON events (time);
CREATE UNIQUE INDEX tickets_open ON tickets (address) WHERE state = 'open';
CREATE INDEX outbox_ticket ON outbox (ticket) WHERE ticket IS NOT NULL;
CREATE INDEX receivers_chat ON receivers (channel, chat);
CREATE INDEX receivers_call ON receivers (call);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket);
CREATE INDEX outbox_passing ON outbox (id) WHERE passing IS NOT NULL;
CREATE INDEX outbox_waiting_chat ON outbox (channel, chat) WHERE state = 'waiting';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('inbox',22);
INSERT INTO "sqlite_sequence" VALUES('outbox',23);
INSERT INTO "sqlite_sequence" VALUES('events',20);
INSERT INTO "sqlite_sequence" VALUES('ticket_messages',4);
COMMIT;
