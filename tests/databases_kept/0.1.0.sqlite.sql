-- Who is in it: {"ann": 5000000001, "wei": 5000000002, "bob": 5000000003, "boss": 5000000004, "anna": 5000000005, "shop": 5000000006, "sellers": -1001000000007, "desk": -1001000000008, "code": "1RH4C-WHW4N-SBAQD", "card": 1, "cookie": "vQc-CXIz9hRCIQERYCw0WQ.KGyz30XFKcfAL7NUyPVSywHw", "update": 100000020}
PRAGMA application_id = 1835167604;
PRAGMA user_version = 10;
BEGIN TRANSACTION;
CREATE TABLE conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL, touched REAL NOT NULL DEFAULT 0) STRICT;
INSERT INTO "conversations" VALUES('telegram:5000000001:5000000001','{"lang":"en","topic":"commission-rate","offered":[{"label":"Store","says":"medal.strengths=+store#zzdy","numbered":true,"private":false},{"label":"Brand","says":"medal.strengths=+brand#zzdy","numbered":true,"private":false},{"label":"Goods","says":"medal.strengths=+goods#zzdy","numbered":true,"private":false},{"label":"Supply chain","says":"medal.strengths=+supply_chain#zzdy","numbered":true,"private":false},{"label":"None of these","says":"medal:done=strengths#zzdy","numbered":true,"private":false},{"label":"I don''t know","says":"medal.strengths=unknown#zzdy","numbered":true,"private":false}],"check":{"check":"medal","run":"zzdy","answers":[["monthly_gmv_usd",7000]],"asked":"strengths","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[{"id":"2","mark":"d207e7e7587a","at":1795990199,"question":null,"run":null},{"id":"4","mark":"78f24b5b8677","at":1795990199,"question":null,"run":null},{"id":"6","mark":"db6ea9ae3036","at":1795990199,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1795990199,"question":"monthly_gmv_usd","run":"zzdy"},{"id":"11","mark":"7b009aade339","at":1795990199,"question":"strengths","run":"zzdy"}],"silent_until":0,"recent":[{"text":"how much is the deposit","answered":"How much the deposit is"},{"text":"medal check","answered":"Can I become a gold or silver merchant?"},{"text":"7000","answered":"Can I become a gold or silver merchant?"},{"text":"commission rate","answered":"Commission rate"}],"ticket":null}',1.79599019992143774026e+09);
INSERT INTO "conversations" VALUES('telegram:5000000002:5000000002','{"lang":"zh","topic":"medal-preferred-access","offered":[{"label":"修改回答","says":"medal:review#qrxx","numbered":true,"private":false},{"label":"金银牌的GMV要求","says":"topic=medal-gmv","numbered":true,"private":false},{"label":"优选准入","says":"topic=medal-preferred-access","numbered":true,"private":false},{"label":"咨询顾问","says":"consultant","numbered":true,"private":false},{"label":"重新自查","says":"medal:again#qrxx","numbered":true,"private":false}],"check":{"check":"medal","run":"qrxx","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"asked":null,"chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":"1RH4C-WHW4N-SBAQD","until":"2027-02-22","parked":false},"unclear":null,"told":[],"heard":[{"id":"4","mark":"78f24b5b8677","at":1795990199,"question":null,"run":null},{"id":"6","mark":"cae6c1660279","at":1795990199,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1795990199,"question":"monthly_gmv_usd","run":"qrxx"},{"id":"10","mark":"58fdb0941f36","at":1795990199,"question":"strengths","run":"qrxx"},{"id":"12","mark":"53a546e7e698","at":1795990199,"question":"strengths","run":"qrxx"}],"silent_until":0,"recent":[{"text":"金银牌自查","answered":"我能拿到金牌或银牌吗？"},{"text":"7000","answered":"我能拿到金牌或银牌吗？"},{"text":"商品","answered":"我能拿到金牌或银牌吗？"},{"text":"选好了","answered":"我能拿到金牌或银牌吗？"}],"ticket":null}',1.79599019982218408584e+09);
INSERT INTO "conversations" VALUES('telegram:5000000003:5000000003','{"lang":"en","topic":null,"offered":[{"label":"End the talk with the consultant","says":"end","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"2","mark":"f1549f7a238b","at":1795990199,"question":null,"run":null},{"id":"4","mark":"07be80b9e593","at":1795990199,"question":null,"run":null},{"id":"7","mark":"c25fcb6e3d45","at":1795990199,"question":null,"run":null}],"silent_until":0,"recent":[{"text":"how do I get out of a loan for my shop","answered":"not known"}],"ticket":null}',1.7959901998549757004e+09);
INSERT INTO "conversations" VALUES('telegram:-1001000000007:5000000004','{"lang":"en","topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null}',1.79599019986231493942e+09);
INSERT INTO "conversations" VALUES('telegram:5000000006:5000000006','{"lang":null,"topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null}',1.79599019986938762661e+09);
INSERT INTO "conversations" VALUES('telegram:5000000001@BizConn000009:5000000001','{"lang":"en","topic":"commission-rate","offered":[{"label":"Commission refund","says":"topic=benefit-commission-refund","numbered":true,"private":false},{"label":"What joining costs","says":"topic=entry-fee","numbered":true,"private":false},{"label":"How much the deposit is","says":"topic=deposit-amount","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"1","mark":"7b009aade339","at":1795990199,"question":null,"run":null}],"silent_until":0,"recent":[],"ticket":null}',1.79599019987097358701e+09);
INSERT INTO "conversations" VALUES('web:vQc-CXIz9hRCIQERYCw0WQ:vQc-CXIz9hRCIQERYCw0WQ','{"lang":"zh","topic":null,"offered":[{"label":"中国","says":"store-entry.company_country=china#h5x6","numbered":true,"private":false},{"label":"其他国家","says":"store-entry.company_country=other#h5x6","numbered":true,"private":false},{"label":"不知道","says":"store-entry.company_country=unknown#h5x6","numbered":true,"private":false},{"label":"上一题","says":"store-entry:back=company_country#h5x6","numbered":true,"private":false},{"label":"更多","says":"store-entry:where#h5x6","numbered":true,"private":false}],"check":{"check":"store-entry","run":"h5x6","answers":[["business_type","company"]],"asked":"company_country","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[{"text":"入驻自查","answered":"我能开店吗？"},{"text":"公司","answered":"我能开店吗？"}],"ticket":null}',1.79599019990906238553e+09);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,1.7959901997230997085e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(2,1.79599019972994351388e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(3,1.79599019976788425449e+09,'turn','telegram:5000000001:5000000001','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(4,1.79599019977659153939e+09,'turn','telegram:5000000001:5000000001','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(5,1.79599019979147434241e+09,'turn','telegram:5000000002:5000000002','{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":0.998,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(6,1.79599019979716682435e+09,'turn','telegram:5000000002:5000000002','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(7,1.7959901998031072616e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(8,1.79599019980926227573e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(9,1.79599019981461858748e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(10,1.79599019982218408584e+09,'turn','telegram:5000000002:5000000002','{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(11,1.79599019983714199063e+09,'turn','telegram:5000000003:5000000003','{"verdict":"unknown","topics":[],"check":null,"score":0.821,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(12,1.79599019984447622294e+09,'turn','telegram:5000000003:5000000003','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(13,1.79599019984447622294e+09,'ticket','telegram:5000000003:5000000003','{"what":"opened"}');
INSERT INTO "events" VALUES(14,1.79599019985108757013e+09,'ticket','telegram:5000000003:5000000003','{"what":"answered"}');
INSERT INTO "events" VALUES(15,1.7959901998549757004e+09,'ticket','telegram:5000000003:5000000003','{"what":"asked"}');
INSERT INTO "events" VALUES(16,1.79599019986231493942e+09,'turn','telegram:-1001000000007:5000000004','{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(17,1.79599019987097358701e+09,'turn','telegram:5000000001@BizConn000009:5000000001','{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO "events" VALUES(18,1.79599019990393686291e+09,'turn','web:vQc-CXIz9hRCIQERYCw0WQ:vQc-CXIz9hRCIQERYCw0WQ','{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(19,1.79599019990906238553e+09,'turn','web:vQc-CXIz9hRCIQERYCw0WQ:vQc-CXIz9hRCIQERYCw0WQ','{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO "events" VALUES(20,1.79599019992143774026e+09,'turn','telegram:5000000001:5000000001','{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
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
) STRICT;
INSERT INTO "inbox" VALUES(1,'telegram:7000000001:100000001','telegram','5000000001',36,'','done',NULL,1.7959901997173521519e+09,1.7959901997230997085e+09);
INSERT INTO "inbox" VALUES(2,'telegram:7000000001:100000002','telegram','5000000001',36,'','done',NULL,1.79599019972710633279e+09,1.79599019972994351388e+09);
INSERT INTO "inbox" VALUES(3,'telegram:7000000001:100000003','telegram','5000000001',36,'','done',NULL,1.79599019973410582544e+09,1.79599019976788425449e+09);
INSERT INTO "inbox" VALUES(4,'telegram:7000000001:100000004','telegram','5000000001',36,'','done',NULL,1.79599019977171754829e+09,1.79599019977659153939e+09);
INSERT INTO "inbox" VALUES(5,'telegram:7000000001:100000005','telegram','5000000002',30,'','done',NULL,1.79599019978031063083e+09,1.79599019979147434241e+09);
INSERT INTO "inbox" VALUES(6,'telegram:7000000001:100000006','telegram','5000000002',30,'','done',NULL,1.79599019979473090167e+09,1.79599019979716682435e+09);
INSERT INTO "inbox" VALUES(7,'telegram:7000000001:100000007','telegram','5000000002',30,'','done',NULL,1795990199.80049,1.7959901998031072616e+09);
INSERT INTO "inbox" VALUES(8,'telegram:7000000001:100000008','telegram','5000000002',30,'','done',NULL,1.79599019980642747879e+09,1.79599019980926227573e+09);
INSERT INTO "inbox" VALUES(9,'telegram:7000000001:100000009','telegram','5000000002',30,'','done',NULL,1.7959901998124659061e+09,1.79599019981461858748e+09);
INSERT INTO "inbox" VALUES(10,'telegram:7000000001:100000010','telegram','5000000002',30,'','done',NULL,1.79599019981825685499e+09,1.79599019982218408584e+09);
INSERT INTO "inbox" VALUES(11,'telegram:7000000001:100000011','telegram','5000000003',8,'','done',NULL,1.79599019982563400275e+09,1.79599019983714199063e+09);
INSERT INTO "inbox" VALUES(12,'telegram:7000000001:100000012','telegram','5000000003',8,'','done',NULL,1.795990199840952158e+09,1.79599019984447622294e+09);
INSERT INTO "inbox" VALUES(13,'telegram:7000000001:100000013','telegram','-1001000000008',4,'','done',NULL,1.79599019985001659392e+09,1.79599019985108757013e+09);
INSERT INTO "inbox" VALUES(14,'telegram:7000000001:100000014','telegram','5000000003',8,'','done',NULL,1.79599019985328292843e+09,1.7959901998549757004e+09);
INSERT INTO "inbox" VALUES(15,'telegram:7000000001:100000015','telegram','-1001000000007',21,'','done',NULL,1.79599019985703778267e+09,1.79599019986231493942e+09);
INSERT INTO "inbox" VALUES(16,'telegram:7000000001:100000016','telegram','5000000006',7,'','done',NULL,1.7959901998647129535e+09,1.79599019986938762661e+09);
INSERT INTO "inbox" VALUES(17,'telegram:7000000001:100000017','telegram','5000000001@BizConn000009',43,'','done',NULL,1.7959901998647129535e+09,1.79599019987097358701e+09);
INSERT INTO "inbox" VALUES(18,'web:vQc-CXIz9hRCIQERYCw0WQ:e73177e33cbac9dd6c9b8e19','web','vQc-CXIz9hRCIQERYCw0WQ',20,'','done',NULL,1.79599019987864589684e+09,1.79599019990393686291e+09);
INSERT INTO "inbox" VALUES(19,'web:vQc-CXIz9hRCIQERYCw0WQ:1197e3af55e115681fd705b1','web','vQc-CXIz9hRCIQERYCw0WQ',20,'','done',NULL,1.79599019990724778172e+09,1.79599019990906238553e+09);
INSERT INTO "inbox" VALUES(20,'telegram:7000000001:100000018','telegram','5000000004',43,'','done',NULL,1.79599019991893577574e+09,1.79599019992143774026e+09);
INSERT INTO "inbox" VALUES(21,'telegram:7000000001:100000019','telegram','5000000001',36,'','done',NULL,1.79599019991893577574e+09,1.79599019992143774026e+09);
INSERT INTO "inbox" VALUES(22,'telegram:7000000001:100000020','telegram','5000000002',30,'{"update_id":100000020,"message":{"message_id":15,"from":{"id":5000000002,"is_bot":false,"first_name":"Wei","language_code":"zh-hans"},"chat":{"id":5000000002,"first_name":"Wei","type":"private"},"date":1795990204,"text":"佣金多少"}}','new',NULL,1.79599020421502661706e+09,NULL);
CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "kept" VALUES('secret','ERbQQ0HpM1CnmJEiDQ1HyhSSNsy5NUDhD3Qu4KrXR-4');
INSERT INTO "kept" VALUES('telegram-business:7000000001:BizConn000009','{"id":"BizConn000009","user":{"id":5000000006,"is_bot":false,"first_name":"Shop","language_code":"en"},"user_chat_id":5000000006,"date":1795990199,"rights":{"can_reply":true,"can_read_messages":true},"is_enabled":true}');
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
, ticket INTEGER) STRICT;
INSERT INTO "outbox" VALUES(1,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"The deposit is <b>CNY 10,000 to CNY 50,000</b>. For <b>most categories it is CNY 10,000</b>.\n\nIt is frozen when the store opens, and refunded when the account is closed.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Check my case: How much do I deposit?","callback_data":"check=deposit"}],[{"text":"Deposit of a store in several categories","callback_data":"topic=deposit-several-categories"}],[{"text":"Getting the deposit back","callback_data":"topic=deposit-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}]]}}}',0,1,'sent',1,0.0,'3',NULL,1.7959901997230997085e+09,1.7959901997260491848e+09,NULL);
INSERT INTO "outbox" VALUES(2,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Done. You will get “News and rule changes” here. /unsubscribe ends it whenever you like.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Courses and live lessons","callback_data":"subscribe=courses"}],[{"text":"Campaigns and promotions","callback_data":"subscribe=campaigns"}],[{"text":"No more of this","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,2,'sent',1,0.0,'5',NULL,1.79599019972994351388e+09,1.79599019973293161389e+09,NULL);
INSERT INTO "outbox" VALUES(3,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"One or two questions about your turnover and your strengths.\n\n<b>What was your GMV a month over the past 90 days, on average, in US dollars?</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"I don''t know","callback_data":"medal.monthly_gmv_usd=unknown#zzdy"}],[{"text":"Options","callback_data":"medal:where#zzdy"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}',0,3,'sent',1,0.0,'7',NULL,1.79599019976788425449e+09,1.79599019977072834968e+09,NULL);
INSERT INTO "outbox" VALUES(4,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"GMV a month: USD 7,000. Next:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}',0,4,'sent',1,0.0,'9',NULL,1.79599019977659153939e+09,1.79599019977920699121e+09,NULL);
INSERT INTO "outbox" VALUES(5,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"保证金为<b>1万元至5万元</b>，<b>大多数类目是1万元</b>。\n\n保证金在开店时冻结，注销账号后退还。\n\n<i>来源：草帽《速卖通开店流程及注意事项》，2022年3月29日，文中明确说明。此后未再确认。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"帮我自查：我要交多少保证金？","callback_data":"check=deposit"}],[{"text":"多类目的保证金","callback_data":"topic=deposit-several-categories"}],[{"text":"保证金退还","callback_data":"topic=deposit-refund"}],[{"text":"入驻费用","callback_data":"topic=entry-fee"}]]}}}',0,5,'sent',1,0.0,'3',NULL,1.79599019979147434241e+09,1.79599019979360699657e+09,NULL);
INSERT INTO "outbox" VALUES(6,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，有“平台动态和规则变化”的新内容就发给您。随时可以发送 /unsubscribe 取消。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"课程和直播","callback_data":"subscribe=courses"}],[{"text":"大促和活动","callback_data":"subscribe=campaigns"}],[{"text":"不再接收","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,6,'sent',1,0.0,'5',NULL,1.79599019979716682435e+09,1.79599019979934430117e+09,NULL);
INSERT INTO "outbox" VALUES(7,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"我会问一两个关于销售额和店铺优势的问题。\n\n<b>过去90天，您平均每月的GMV是多少美元？</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"不知道","callback_data":"medal.monthly_gmv_usd=unknown#qrxx"}],[{"text":"更多","callback_data":"medal:where#qrxx"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}',0,7,'sent',1,0.0,'7',NULL,1.7959901998031072616e+09,1.7959901998053410053e+09,NULL);
INSERT INTO "outbox" VALUES(8,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，月均GMV：7,000美元。接着问：\n\n<b>您的店铺在哪些方面有优势？可以多选。</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"商品","callback_data":"medal.strengths=+goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"都没有","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}',0,8,'sent',1,0.0,'9',NULL,1.79599019980926227573e+09,1.795990199811344862e+09,NULL);
INSERT INTO "outbox" VALUES(9,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"<b>您的店铺在哪些方面有优势？可以多选。</b>\n\n已选：商品。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"✓ 商品","callback_data":"medal.strengths=-goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"选好了","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":10,"allow_sending_without_reply":true}}}',0,9,'sent',1,0.0,'11',NULL,1.79599019981461858748e+09,1.79599019981703114504e+09,NULL);
INSERT INTO "outbox" VALUES(10,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，店铺优势：商品。\n\n<b>有可能走优选准入，但由平台判断，请咨询顾问。</b>\n\n<b>理由：</b>\n? 没到最低门槛，但平台可以自行判断，优选准入优质商家。您选的优势：商品。（A3，2022年4月26日）\n\n<b>接下来要做：</b>\n☐ 准备能证明这些优势的材料，请顾问了解优选准入。\n\n这里的回答不能最终决定，以商家后台为准，各二级类目的标准和其他考核指标在那里显示。\n\n<i>部分内容此后未再确认。</i>\n\n<i>结果码：1RH4C-WHW4N-SBAQD，有效期至2027年2月22日。把它发给我就能看到这份结果。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"修改回答","callback_data":"medal:review#qrxx"}],[{"text":"金银牌的GMV要求","callback_data":"topic=medal-gmv"}],[{"text":"优选准入","callback_data":"topic=medal-preferred-access"}],[{"text":"咨询顾问","callback_data":"consultant"}],[{"text":"重新自查","callback_data":"medal:again#qrxx"}]]},"reply_parameters":{"message_id":12,"allow_sending_without_reply":true}}}',0,10,'sent',1,0.0,'13',NULL,1.79599019982218408584e+09,1.79599019982454824453e+09,NULL);
INSERT INTO "outbox" VALUES(11,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"We do not know why a bank refuses a loan, nor what to do about one that is overdue or to be repaid: our source only tells the rebate on the interest. Please ask MYbank or your bank.\n\nA consultant of our agency can help you with this.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Ask a consultant","callback_data":"consultant"}]]}}}',0,11,'sent',1,0.0,'3',NULL,1.79599019983714199063e+09,1.79599019983987689018e+09,NULL);
INSERT INTO "outbox" VALUES(12,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"I have passed your question on to a consultant; the answer comes here. Until then whatever you write goes to the consultant as well, and I do not answer it myself.\n\nButtons and commands still work. /end ends it.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"End the talk with the consultant","callback_data":"end"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}',0,12,'sent',1,0.0,'5',NULL,1.79599019984447622294e+09,1.79599019984787321092e+09,NULL);
INSERT INTO "outbox" VALUES(13,'telegram','-1001000000008',4,'{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>#12 Bob</b> · Telegram · English\n\n<b>Question:</b> how do I get out of a loan for my shop\n\n<i>Reply to this message to answer; reply with /end to end it.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}}',0,12,'sent',1,0.0,'1',NULL,1.79599019984447622294e+09,1.79599019984926795961e+09,12);
INSERT INTO "outbox" VALUES(14,'telegram','5000000003',8,'{"method":"sendMessage","params":{"chat_id":5000000003,"text":"<b>Consultant:</b> We call you tomorrow","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"about":"2"}',0,13,'sent',1,0.0,'6',NULL,1.79599019985108757013e+09,1.7959901998524696827e+09,12);
INSERT INTO "outbox" VALUES(15,'telegram','-1001000000008',4,'{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>Bob:</b> thank you, in the morning please","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"ticket":12}',0,14,'sent',1,0.0,'3',NULL,1.7959901998549757004e+09,1.79599019985641217235e+09,12);
INSERT INTO "outbox" VALUES(16,'telegram','-1001000000007',21,'{"method":"sendMessage","params":{"chat_id":-1001000000007,"text":"<b>How I am set in this group</b>\n\n• I answer: on\n• Reply keywords: all\n• Language where a message does not tell: as in the message\n• The same keyword again: after 5 minutes\n• Keywords are left to you: 10 minutes after an administrator has written\n\nIn words: /assistant on, off, keywords on, keywords off, keywords all, keywords Deposit, Commission, language en, zh or\nauto, cooldown 10, quiet 10.\n\nAll messages of this group reach me, so reply keywords work. What is not meant for me I do not keep.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":1,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"Keep quiet here","callback_data":"group=off"}],[{"text":"Ignore reply keywords","callback_data":"group=keywords.off"}],[{"text":"Choose the keywords","callback_data":"group=rules"}],[{"text":"Language: English","callback_data":"group=language.en"}],[{"text":"Language: 中文","callback_data":"group=language.zh"}],[{"text":"Same keyword after 0 minutes","callback_data":"group=cooldown.0"}],[{"text":"Same keyword after 10 minutes","callback_data":"group=cooldown.10"}],[{"text":"Same keyword after 60 minutes","callback_data":"group=cooldown.60"}]]}}}',0,15,'sent',1,0.0,'2',NULL,1.79599019986231493942e+09,1.79599019986410737034e+09,NULL);
INSERT INTO "outbox" VALUES(17,'telegram','5000000001@BizConn000009',43,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"The platform charges a commission of <b>5 % to 8 % of each transaction</b>. The rate depends on the category.\n\nJoining itself is free of charge.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Commission refund","callback_data":"topic=benefit-commission-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}],[{"text":"How much the deposit is","callback_data":"topic=deposit-amount"}]]},"business_connection_id":"BizConn000009"}}',0,17,'sent',1,0.0,'2',NULL,1.79599019987097358701e+09,1.79599019987287807469e+09,NULL);
INSERT INTO "outbox" VALUES(18,'web','vQc-CXIz9hRCIQERYCw0WQ',20,'{"to":"vQc-CXIz9hRCIQERYCw0WQ","said":{"id":"e73177e33cbac9dd6c9b8e19","text":"入驻自查","press":false},"replies":[{"text":"我会问您几个关于公司、商标、支付宝和保证金的问题。不清楚的可以直接回答“不知道”。大约9个问题。\n\n**您的营业执照是哪一种？**","buttons":[["企业（公司）","store-entry.business_type=company#h5x6"],["个体工商户","store-entry.business_type=self_employed#h5x6"],["没有营业执照","store-entry.business_type=none#h5x6"],["不知道","store-entry.business_type=unknown#h5x6"],["更多","store-entry:where#h5x6"]],"progress":["我能开店吗？",0,9]}]}',0,18,'sent',1,0.0,NULL,NULL,1.79599019990393686291e+09,1.79599019990510535239e+09,NULL);
INSERT INTO "outbox" VALUES(19,'web','vQc-CXIz9hRCIQERYCw0WQ',20,'{"to":"vQc-CXIz9hRCIQERYCw0WQ","said":{"id":"1197e3af55e115681fd705b1","text":"公司","press":false},"replies":[{"text":"好的，营业执照：企业（公司）。接着问：\n\n**公司注册在哪里？**","buttons":[["中国","store-entry.company_country=china#h5x6"],["其他国家","store-entry.company_country=other#h5x6"],["不知道","store-entry.company_country=unknown#h5x6"],["上一题","store-entry:back=company_country#h5x6"],["更多","store-entry:where#h5x6"]],"progress":["我能开店吗？",1,8]}]}',0,19,'sent',1,0.0,NULL,NULL,1.79599019990906238553e+09,1.79599019990987849235e+09,NULL);
INSERT INTO "outbox" VALUES(20,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Spring","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"No more of this","callback_data":"unsubscribe=news"}]]}}}',1,NULL,'sent',1,0.0,'10',NULL,1.7959901999130301475e+09,1.79599019991830682755e+09,NULL);
INSERT INTO "outbox" VALUES(21,'telegram','5000000002',30,'{"method":"sendMessage","params":{"chat_id":5000000002,"text":"春天","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"不再接收","callback_data":"unsubscribe=news"}]]}}}',1,NULL,'sent',1,0.0,'14',NULL,1.79599019991313695911e+09,1.79599019991830682755e+09,NULL);
INSERT INTO "outbox" VALUES(22,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"The platform charges a commission of <b>5 % to 8 % of each transaction</b>. The rate depends on the category.\n\nJoining itself is free of charge.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":11,"allow_sending_without_reply":true}}}',0,21,'waiting',4,1.79599020788235807415e+09,NULL,'the answer is not Telegram''s, its status is 502',1.79599019992143774026e+09,NULL,NULL);
INSERT INTO "outbox" VALUES(23,'telegram','5000000001',36,'{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Back to the check:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]}}}',0,21,'waiting',0,0.0,NULL,NULL,1.79599019992143774026e+09,NULL,NULL);
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
INSERT INTO "results" VALUES('1RH4C-WHW4N-SBAQD','telegram:5000000002:5000000002','2027-02-22','{"code":"1RH4C-WHW4N-SBAQD","check":"medal","verdict":"ask","en":"**Perhaps, by preferred access. That is the platform''s judgement, so please ask a consultant.**\n\n**Why:**  \n? The floor is not met, but the platform may admit a good merchant on its own judgement. What you named: Goods. (A3, 26 April 2022)\n\n**What to do:**  \n☐ Gather what shows these strengths, and ask a consultant about preferred access.\n\nNo answer here settles it. The seller backend has the last word, as it shows the thresholds of each second-level category and the other indicators.\n\n*Some of this has not been confirmed since.*","zh":"**有可能走优选准入，但由平台判断，请咨询顾问。**\n\n**理由：**  \n? 没到最低门槛，但平台可以自行判断，优选准入优质商家。您选的优势：商品。（A3，2022年4月26日）\n\n**接下来要做：**  \n☐ 准备能证明这些优势的材料，请顾问了解优选准入。\n\n这里的回答不能最终决定，以商家后台为准，各二级类目的标准和其他考核指标在那里显示。\n\n*部分内容此后未再确认。*","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"rules":"fd8adfbc","made":"2026-11-24","until":"2027-02-22","address":"telegram:5000000002:5000000002"}');
CREATE TABLE subscriptions (
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  subject TEXT NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  made REAL NOT NULL,
  PRIMARY KEY (channel, chat, subject)
) STRICT;
INSERT INTO "subscriptions" VALUES('telegram','5000000001','news','telegram:5000000001:5000000001','en',1.79599019972994351388e+09);
INSERT INTO "subscriptions" VALUES('telegram','5000000002','news','telegram:5000000002:5000000002','zh',1.79599019979716682435e+09);
CREATE TABLE ticket_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  message TEXT NOT NULL,
  made REAL NOT NULL,
  UNIQUE (channel, chat, message)
) STRICT;
INSERT INTO "ticket_messages" VALUES(1,12,'telegram','-1001000000008','1',1.79599019984926795961e+09);
INSERT INTO "ticket_messages" VALUES(2,12,'telegram','-1001000000008','2',1.79599019985108757013e+09);
INSERT INTO "ticket_messages" VALUES(3,12,'telegram','5000000003','6',1.7959901998524696827e+09);
INSERT INTO "ticket_messages" VALUES(4,12,'telegram','-1001000000008','3',1.79599019985641217235e+09);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  first TEXT,
  opened REAL NOT NULL,
  closed REAL
, heard REAL) STRICT;
INSERT INTO "tickets" VALUES(12,'telegram:5000000003:5000000003','en','open','1',1.79599019984447622294e+09,NULL,1.7959901998549757004e+09);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('inbox',22);
INSERT INTO "sqlite_sequence" VALUES('outbox',23);
INSERT INTO "sqlite_sequence" VALUES('events',20);
INSERT INTO "sqlite_sequence" VALUES('ticket_messages',4);
COMMIT;
