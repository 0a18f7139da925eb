-- Who is in it: {"ann": 5000000001, "wei": 5000000002, "bob": 5000000003, "boss": 5000000004, "anna": 5000000005, "shop": 5000000006, "sellers": -1001000000007, "desk": -1001000000008, "code": "G8YJN-HRV18-MT3MK", "card": 1, "cookie": "u_7AP1jypFBiXRXrnDNUwQ.f0N9vZd8ddeO8HPGJqH193Ie", "update": 100000020}
CREATE TABLE conversations (
    address text NOT NULL,
    state text NOT NULL,
    touched double precision DEFAULT 0 NOT NULL
);
CREATE TABLE events (
    id bigint NOT NULL,
    "time" double precision NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    data text NOT NULL
);
ALTER TABLE events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE groups (
    channel text NOT NULL,
    chat text NOT NULL,
    settings text NOT NULL,
    ended double precision
);
CREATE TABLE inbox (
    id bigint NOT NULL,
    key text NOT NULL,
    channel text NOT NULL,
    chat text NOT NULL,
    part integer NOT NULL,
    payload text NOT NULL,
    state text DEFAULT 'new'::text NOT NULL,
    error text,
    arrived double precision NOT NULL,
    finished double precision,
    attempts integer DEFAULT 0 NOT NULL,
    CONSTRAINT inbox_state_check CHECK ((state = ANY (ARRAY['new'::text, 'done'::text, 'dead'::text])))
);
ALTER TABLE inbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE kept (
    name text NOT NULL,
    value text NOT NULL,
    address text,
    touched double precision
);
CREATE TABLE merchant_bot_schema (
    version integer NOT NULL
);
CREATE TABLE outbox (
    id bigint NOT NULL,
    channel text NOT NULL,
    chat text NOT NULL,
    part integer NOT NULL,
    payload text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    cause bigint,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before double precision DEFAULT 0 NOT NULL,
    platform_id text,
    error text,
    made double precision NOT NULL,
    finished double precision,
    ticket bigint,
    passing double precision,
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'dead'::text, 'gone'::text, 'dropped'::text])))
);
ALTER TABLE outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE receivers (
    broadcast text NOT NULL,
    channel text NOT NULL,
    chat text NOT NULL,
    call bigint NOT NULL
);
CREATE TABLE results (
    code text NOT NULL,
    address text NOT NULL,
    until text NOT NULL,
    result text NOT NULL
);
CREATE TABLE subscriptions (
    channel text NOT NULL,
    chat text NOT NULL,
    subject text NOT NULL,
    address text NOT NULL,
    lang text NOT NULL,
    made double precision NOT NULL
);
CREATE TABLE ticket_messages (
    id bigint NOT NULL,
    ticket bigint NOT NULL,
    channel text NOT NULL,
    chat text NOT NULL,
    message text NOT NULL,
    made double precision NOT NULL
);
ALTER TABLE ticket_messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ticket_messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE tickets (
    id bigint NOT NULL,
    address text NOT NULL,
    lang text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    first text,
    opened double precision NOT NULL,
    closed double precision,
    heard double precision,
    CONSTRAINT tickets_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE TABLE working (
    part integer NOT NULL,
    process text NOT NULL
);
INSERT INTO conversations VALUES ('telegram:5000000001:5000000001', '{"lang":"en","topic":"commission-rate","offered":[{"label":"Store","says":"medal.strengths=+store#zzdy","numbered":true,"private":false},{"label":"Brand","says":"medal.strengths=+brand#zzdy","numbered":true,"private":false},{"label":"Goods","says":"medal.strengths=+goods#zzdy","numbered":true,"private":false},{"label":"Supply chain","says":"medal.strengths=+supply_chain#zzdy","numbered":true,"private":false},{"label":"None of these","says":"medal:done=strengths#zzdy","numbered":true,"private":false},{"label":"I don''t know","says":"medal.strengths=unknown#zzdy","numbered":true,"private":false}],"check":{"check":"medal","run":"zzdy","answers":[["monthly_gmv_usd",7000]],"asked":"strengths","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[{"id":"2","mark":"d207e7e7587a","at":1796008037,"question":null,"run":null},{"id":"4","mark":"78f24b5b8677","at":1796008038,"question":null,"run":null},{"id":"6","mark":"db6ea9ae3036","at":1796008038,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1796008038,"question":"monthly_gmv_usd","run":"zzdy"},{"id":"11","mark":"7b009aade339","at":1796008039,"question":"strengths","run":"zzdy"}],"silent_until":0,"recent":[{"text":"how much is the deposit","answered":"How much the deposit is"},{"text":"medal check","answered":"Can I become a gold or silver merchant?"},{"text":"7000","answered":"Can I become a gold or silver merchant?"},{"text":"commission rate","answered":"Commission rate"}],"ticket":null,"cited":["A2"],"last":["commission-rate/"],"rest":[]}', 1796008040.088765);
INSERT INTO conversations VALUES ('telegram:5000000002:5000000002', '{"lang":"zh","topic":"medal-preferred-access","offered":[{"label":"修改回答","says":"medal:review#qrxx","numbered":true,"private":false},{"label":"金银牌的GMV要求","says":"topic=medal-gmv","numbered":true,"private":false},{"label":"优选准入","says":"topic=medal-preferred-access","numbered":true,"private":false},{"label":"咨询顾问","says":"consultant","numbered":true,"private":false},{"label":"重新自查","says":"medal:again#qrxx","numbered":true,"private":false}],"check":{"check":"medal","run":"qrxx","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"asked":null,"chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":"G8YJN-HRV18-MT3MK","until":"2027-02-22","parked":false},"unclear":null,"told":[],"heard":[{"id":"4","mark":"78f24b5b8677","at":1796008038,"question":null,"run":null},{"id":"6","mark":"cae6c1660279","at":1796008038,"question":null,"run":null},{"id":"8","mark":"b698d86c67a2","at":1796008038,"question":"monthly_gmv_usd","run":"qrxx"},{"id":"10","mark":"58fdb0941f36","at":1796008038,"question":"strengths","run":"qrxx"},{"id":"12","mark":"53a546e7e698","at":1796008038,"question":"strengths","run":"qrxx"}],"silent_until":0,"recent":[{"text":"金银牌自查","answered":"我能拿到金牌或银牌吗？"},{"text":"7000","answered":"我能拿到金牌或银牌吗？"},{"text":"商品","answered":"我能拿到金牌或银牌吗？"},{"text":"选好了","answered":"我能拿到金牌或银牌吗？"}],"ticket":null,"cited":["A2"],"last":["medal-preferred-access/"],"rest":[]}', 1796008038.8689618);
INSERT INTO conversations VALUES ('telegram:5000000003:5000000003', '{"lang":"en","topic":null,"offered":[{"label":"End the chat with the consultant","says":"end","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"2","mark":"f1549f7a238b","at":1796008038,"question":null,"run":null},{"id":"4","mark":"07be80b9e593","at":1796008038,"question":null,"run":null},{"id":"7","mark":"c25fcb6e3d45","at":1796008039,"question":null,"run":null}],"silent_until":0,"recent":[{"text":"how do I get out of a loan for my shop","answered":"not known"}],"ticket":null,"cited":[],"last":[],"rest":[]}', 1796008039.2768123);
INSERT INTO conversations VALUES ('telegram:-1001000000007:5000000004', '{"lang":"en","topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null,"cited":[],"last":[],"rest":[]}', 1796008039.4209397);
INSERT INTO conversations VALUES ('telegram:5000000006:5000000006', '{"lang":null,"topic":null,"offered":[],"check":null,"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[],"ticket":null,"cited":[],"last":[],"rest":[]}', 1796008039.5402343);
INSERT INTO conversations VALUES ('telegram:5000000001@BizConn000009:5000000001', '{"lang":"en","topic":"commission-rate","offered":[{"label":"Commission refund","says":"topic=benefit-commission-refund","numbered":true,"private":false},{"label":"What joining costs","says":"topic=entry-fee","numbered":true,"private":false},{"label":"How much the deposit is","says":"topic=deposit-amount","numbered":true,"private":false}],"check":null,"unclear":null,"told":[],"heard":[{"id":"1","mark":"7b009aade339","at":1796008039,"question":null,"run":null}],"silent_until":0,"recent":[],"ticket":null,"cited":["A2"],"last":["commission-rate/"],"rest":[]}', 1796008039.5728426);
INSERT INTO conversations VALUES ('web:u_7AP1jypFBiXRXrnDNUwQ:u_7AP1jypFBiXRXrnDNUwQ', '{"lang":"zh","topic":null,"offered":[{"label":"中国","says":"store-entry.company_country=china#3db3","numbered":true,"private":false},{"label":"其他国家","says":"store-entry.company_country=other#3db3","numbered":true,"private":false},{"label":"不知道","says":"store-entry.company_country=unknown#3db3","numbered":true,"private":false},{"label":"上一题","says":"store-entry:back=company_country#3db3","numbered":true,"private":false},{"label":"更多","says":"store-entry:where#3db3","numbered":true,"private":false}],"check":{"check":"store-entry","run":"3db3","answers":[["business_type","company"]],"asked":"company_country","chosen":null,"doubt":null,"go_on":false,"looked_over":false,"result":null,"until":null,"parked":false},"unclear":null,"told":[],"heard":[],"silent_until":0,"recent":[{"text":"入驻自查","answered":"我能开店吗？"},{"text":"公司","answered":"我能开店吗？"}],"ticket":null,"cited":[],"last":[],"rest":[]}', 1796008039.8688338);
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (1, 1796008038.1091442, 'turn', 'telegram:5000000001:5000000001', '{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (2, 1796008038.2089937, 'turn', 'telegram:5000000001:5000000001', '{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (3, 1796008038.305543, 'turn', 'telegram:5000000001:5000000001', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (4, 1796008038.3869557, 'turn', 'telegram:5000000001:5000000001', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (5, 1796008038.4770167, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"answer","topics":["deposit-amount"],"check":null,"score":0.9985,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (6, 1796008038.5887954, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (7, 1796008038.6688082, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (8, 1796008038.7260244, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (9, 1796008038.7928064, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (10, 1796008038.8689618, 'turn', 'telegram:5000000002:5000000002', '{"verdict":"check","topics":[],"check":"medal","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (11, 1796008038.9569783, 'turn', 'telegram:5000000003:5000000003', '{"verdict":"unknown","topics":[],"check":null,"score":0.8422,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (12, 1796008039.0167634, 'turn', 'telegram:5000000003:5000000003', '{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (13, 1796008039.0167634, 'ticket', 'telegram:5000000003:5000000003', '{"what":"opened"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (14, 1796008039.1767895, 'ticket', 'telegram:5000000003:5000000003', '{"what":"answered"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (15, 1796008039.2768123, 'ticket', 'telegram:5000000003:5000000003', '{"what":"asked"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (16, 1796008039.4209397, 'turn', 'telegram:-1001000000007:5000000004', '{"verdict":"answer","topics":[],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (17, 1796008039.5728426, 'turn', 'telegram:5000000001@BizConn000009:5000000001', '{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (18, 1796008039.7808716, 'turn', 'web:u_7AP1jypFBiXRXrnDNUwQ:u_7AP1jypFBiXRXrnDNUwQ', '{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (19, 1796008039.8688338, 'turn', 'web:u_7AP1jypFBiXRXrnDNUwQ:u_7AP1jypFBiXRXrnDNUwQ', '{"verdict":"check","topics":[],"check":"store-entry","score":1.0,"lang":"zh","kind":"text"}');
INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (20, 1796008040.088765, 'turn', 'telegram:5000000001:5000000001', '{"verdict":"answer","topics":["commission-rate"],"check":null,"score":1.0,"lang":"en","kind":"text"}');
INSERT INTO groups VALUES ('telegram', '-1001000000007', '{"here":true,"on":true,"keywords":true,"allowed":null,"lang":null,"cooldown":5,"quiet":10,"said":[],"attended":0.0}', NULL);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (1, 'telegram:7000000001:100000001', 'telegram', '5000000001', 36, '', 'done', NULL, 1796008037.9688506, 1796008038.1091442, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (2, 'telegram:7000000001:100000002', 'telegram', '5000000001', 36, '', 'done', NULL, 1796008038.1574621, 1796008038.2089937, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (3, 'telegram:7000000001:100000003', 'telegram', '5000000001', 36, '', 'done', NULL, 1796008038.2533588, 1796008038.305543, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (4, 'telegram:7000000001:100000004', 'telegram', '5000000001', 36, '', 'done', NULL, 1796008038.331643, 1796008038.3869557, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (5, 'telegram:7000000001:100000005', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.4212701, 1796008038.4770167, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (6, 'telegram:7000000001:100000006', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.5257778, 1796008038.5887954, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (7, 'telegram:7000000001:100000007', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.6373625, 1796008038.6688082, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (8, 'telegram:7000000001:100000008', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.6940575, 1796008038.7260244, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (9, 'telegram:7000000001:100000009', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.7611544, 1796008038.7928064, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (10, 'telegram:7000000001:100000010', 'telegram', '5000000002', 30, '', 'done', NULL, 1796008038.8138235, 1796008038.8689618, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (11, 'telegram:7000000001:100000011', 'telegram', '5000000003', 8, '', 'done', NULL, 1796008038.9066021, 1796008038.9569783, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (12, 'telegram:7000000001:100000012', 'telegram', '5000000003', 8, '', 'done', NULL, 1796008038.9974482, 1796008039.0167634, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (13, 'telegram:7000000001:100000013', 'telegram', '-1001000000008', 4, '', 'done', NULL, 1796008039.1375184, 1796008039.1767895, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (14, 'telegram:7000000001:100000014', 'telegram', '5000000003', 8, '', 'done', NULL, 1796008039.2369657, 1796008039.2768123, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (15, 'telegram:7000000001:100000015', 'telegram', '-1001000000007', 21, '', 'done', NULL, 1796008039.3492107, 1796008039.4209397, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (16, 'telegram:7000000001:100000016', 'telegram', '5000000006', 7, '', 'done', NULL, 1796008039.477787, 1796008039.5402343, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (17, 'telegram:7000000001:100000017', 'telegram', '5000000001@BizConn000009', 43, '', 'done', NULL, 1796008039.477787, 1796008039.5728426, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (18, 'web:74b2d0641c259d56533d536a60a62a90', 'web', 'u_7AP1jypFBiXRXrnDNUwQ', 35, '', 'done', NULL, 1796008039.725779, 1796008039.7808716, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (19, 'web:bdbfb4802d660abc5c910b824e0cc1e4', 'web', 'u_7AP1jypFBiXRXrnDNUwQ', 35, '', 'done', NULL, 1796008039.8140798, 1796008039.8688338, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (20, 'telegram:7000000001:100000018', 'telegram', '5000000004', 43, '', 'done', NULL, 1796008040.0052958, 1796008040.0505915, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (21, 'telegram:7000000001:100000019', 'telegram', '5000000001', 36, '', 'done', NULL, 1796008040.0052958, 1796008040.088765, 0);
INSERT INTO inbox OVERRIDING SYSTEM VALUE VALUES (22, 'telegram:7000000001:100000020', 'telegram', '5000000002', 30, '{"update_id":100000020,"message":{"message_id":15,"from":{"id":5000000002,"is_bot":false,"first_name":"Wei","language_code":"zh-hans"},"chat":{"id":5000000002,"first_name":"Wei","type":"private"},"date":1796008044,"text":"佣金多少"}}', 'new', NULL, 1796008044.4654856, NULL, 0);
INSERT INTO kept VALUES ('secret', 'uI2PWzESBBbiadfNkvLeFlG6NE2Ldfk7hyUrlrqSdeg', NULL, NULL);
INSERT INTO kept VALUES ('telegram-business:7000000001:BizConn000009', '{"owner":"5000000006","may_reply":true}', 'telegram:5000000006:5000000006', 1796008039.4917073);
INSERT INTO merchant_bot_schema VALUES (1);
INSERT INTO merchant_bot_schema VALUES (2);
INSERT INTO merchant_bot_schema VALUES (3);
INSERT INTO merchant_bot_schema VALUES (4);
INSERT INTO merchant_bot_schema VALUES (5);
INSERT INTO merchant_bot_schema VALUES (6);
INSERT INTO merchant_bot_schema VALUES (7);
INSERT INTO merchant_bot_schema VALUES (8);
INSERT INTO merchant_bot_schema VALUES (9);
INSERT INTO merchant_bot_schema VALUES (10);
INSERT INTO merchant_bot_schema VALUES (11);
INSERT INTO merchant_bot_schema VALUES (12);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (1, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"As of March 2022, the deposit is <b>CNY 10,000 to CNY 50,000</b>. For <b>most categories it is CNY 10,000</b>.\n\nIt is frozen when the store opens, and can be refunded when the account is closed.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Check my case: How much do I deposit?","callback_data":"check=deposit"}],[{"text":"Deposit of a store in several categories","callback_data":"topic=deposit-several-categories"}],[{"text":"Getting the deposit back","callback_data":"topic=deposit-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}]]}}}', 0, 1, 'sent', 1, 0, '3', NULL, 1796008038.1091442, 1796008038.1425338, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (2, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Done. “News and rule changes” will come to you here. /unsubscribe ends it at any time.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Courses and live lessons","callback_data":"subscribe=courses"}],[{"text":"Campaigns and promotions","callback_data":"subscribe=campaigns"}],[{"text":"No more of this","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}', 0, 2, 'sent', 1, 0, '5', NULL, 1796008038.2089937, 1796008038.2386284, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (3, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"One or two questions about your sales and your strengths.\n\n<b>What was your GMV a month over the past 90 days, on average, in US dollars?</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"I don''t know","callback_data":"medal.monthly_gmv_usd=unknown#zzdy"}],[{"text":"Options","callback_data":"medal:where#zzdy"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}', 0, 3, 'sent', 1, 0, '7', NULL, 1796008038.305543, 1796008038.3186507, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (4, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"GMV a month: USD 7,000. Next:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}', 0, 4, 'sent', 1, 0, '9', NULL, 1796008038.3869557, 1796008038.4054263, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (5, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"按2022年3月的资料，保证金为<b>1万元至5万元</b>，<b>大多数类目是1万元</b>。\n\n保证金在开店时冻结，注销账号后可以退还。\n\n<i>来源：草帽关于开店流程的文章，2022年3月29日，文中写明。此后未再确认。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"帮我自查：我要交多少保证金？","callback_data":"check=deposit"}],[{"text":"多类目的保证金","callback_data":"topic=deposit-several-categories"}],[{"text":"保证金退还","callback_data":"topic=deposit-refund"}],[{"text":"入驻费用","callback_data":"topic=entry-fee"}]]}}}', 0, 5, 'sent', 1, 0, '3', NULL, 1796008038.4770167, 1796008038.5063267, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (6, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，有“平台动态和规则变化”的新内容就发给您。随时可以发送 /unsubscribe 取消。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"课程和直播","callback_data":"subscribe=courses"}],[{"text":"大促和活动","callback_data":"subscribe=campaigns"}],[{"text":"不再接收","callback_data":"unsubscribe=news"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}', 0, 6, 'sent', 1, 0, '5', NULL, 1796008038.5887954, 1796008038.6189473, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (7, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"问您一两个问题：销售额和店铺优势。\n\n<b>近90天，您平均每月的GMV是多少美元？</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"不知道","callback_data":"medal.monthly_gmv_usd=unknown#qrxx"}],[{"text":"更多","callback_data":"medal:where#qrxx"}]]},"reply_parameters":{"message_id":6,"allow_sending_without_reply":true}}}', 0, 7, 'sent', 1, 0, '7', NULL, 1796008038.6688082, 1796008038.6828065, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (8, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，月均GMV：7,000美元。接着问：\n\n<b>您的店铺在哪些方面有优势？可以多选。</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"商品","callback_data":"medal.strengths=+goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"都没有","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}}', 0, 8, 'sent', 1, 0, '9', NULL, 1796008038.7260244, 1796008038.7469919, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (9, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"<b>您的店铺在哪些方面有优势？可以多选。</b>\n\n已选：商品。","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"店铺","callback_data":"medal.strengths=+store#qrxx"}],[{"text":"品牌","callback_data":"medal.strengths=+brand#qrxx"}],[{"text":"✓ 商品","callback_data":"medal.strengths=-goods#qrxx"}],[{"text":"供应链","callback_data":"medal.strengths=+supply_chain#qrxx"}],[{"text":"选好了","callback_data":"medal:done=strengths#qrxx"}],[{"text":"不知道","callback_data":"medal.strengths=unknown#qrxx"}]]},"reply_parameters":{"message_id":10,"allow_sending_without_reply":true}}}', 0, 9, 'sent', 1, 0, '11', NULL, 1796008038.7928064, 1796008038.8024912, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (10, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"好的，店铺优势：商品。\n\n<b>按2022年4月的资料：有可能走优选准入，由平台判断。</b>\n? 没到最低要求，但平台可以根据业务判断，优选准入优质商家。您的优势：商品。\n\n<b>要办的事：</b>\n☐ 继续优化金银牌的考核指标。优选准入怎么申请，资料里没有写。\n\n最终以平台正式规则和商家后台为准。门槛和考核指标当时预计2022年5月起在后台显示。\n\n<i>来源：草帽关于AE Mall新体系的文章，2022年4月26日。此后未再确认。</i>\n\n<i>结果码：G8YJN-HRV18-MT3MK，有效期至2027年2月22日。把它发给我就能看到这份结果。</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"修改回答","callback_data":"medal:review#qrxx"}],[{"text":"金银牌的GMV要求","callback_data":"topic=medal-gmv"}],[{"text":"优选准入","callback_data":"topic=medal-preferred-access"}],[{"text":"咨询顾问","callback_data":"consultant"}],[{"text":"重新自查","callback_data":"medal:again#qrxx"}]]},"reply_parameters":{"message_id":12,"allow_sending_without_reply":true}}}', 0, 10, 'sent', 1, 0, '13', NULL, 1796008038.8689618, 1796008038.895609, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (11, 'telegram', '5000000003', 8, '{"method":"sendMessage","params":{"chat_id":5000000003,"text":"Not in our source: why a bank refuses a loan, and what to do about one that is overdue. It only names the interest discount. Please ask MYbank or your bank.","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}}', 0, 11, 'sent', 1, 0, '3', NULL, 1796008038.9569783, 1796008038.9790792, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (12, 'telegram', '5000000003', 8, '{"method":"sendMessage","params":{"chat_id":5000000003,"text":"I have passed your question on to a consultant, who will reply here. Until then, what you write goes to the consultant as well, and I do not answer it myself.\n\nButtons and commands still work. /end ends the chat.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"End the chat with the consultant","callback_data":"end"}]]},"reply_parameters":{"message_id":4,"allow_sending_without_reply":true}}}', 0, 12, 'sent', 1, 0, '5', NULL, 1796008039.0167634, 1796008039.0714107, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (13, 'telegram', '-1001000000008', 4, '{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>#12 Bob</b> · Telegram · English\n\n<b>Question:</b> how do I get out of a loan for my shop\n\n<i>Reply to this message to answer; reply with /end to end it.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}}', 0, 12, 'sent', 1, 0, '1', NULL, 1796008039.0167634, 1796008039.105401, 12, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (14, 'telegram', '5000000003', 8, '{"method":"sendMessage","params":{"chat_id":5000000003,"text":"<b>Consultant:</b> We call you tomorrow","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"about":"2"}', 0, 13, 'sent', 1, 0, '6', NULL, 1796008039.1767895, 1796008039.2249632, 12, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (15, 'telegram', '-1001000000008', 4, '{"method":"sendMessage","params":{"chat_id":-1001000000008,"text":"<b>Bob:</b> thank you, in the morning please","parse_mode":"HTML","link_preview_options":{"is_disabled":true}},"ticket":12}', 0, 14, 'sent', 1, 0, '3', NULL, 1796008039.2768123, 1796008039.3294656, 12, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (16, 'telegram', '-1001000000007', 21, '{"method":"sendMessage","params":{"chat_id":-1001000000007,"text":"<b>My settings in this group</b>\n\n• I answer: on\n• Reply keywords: all\n• Language where a message does not tell: as in the message\n• The same keyword again: after 5 minutes\n• Keywords are left to you: 10 minutes after an administrator has written\n\nIn words: /assistant on, off, keywords on, keywords off, keywords all, keywords Potential Goods, language en, zh or\nauto, cooldown 10, quiet 10.\n\nAll messages of this group reach me, so reply keywords work. I keep nothing that is not meant for me.","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":1,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"Keep quiet here","callback_data":"group=off"}],[{"text":"Ignore reply keywords","callback_data":"group=keywords.off"}],[{"text":"Choose the keywords","callback_data":"group=rules"}],[{"text":"Language: English","callback_data":"group=language.en"}],[{"text":"Language: 中文","callback_data":"group=language.zh"}],[{"text":"Same keyword after 0 minutes","callback_data":"group=cooldown.0"}],[{"text":"Same keyword after 10 minutes","callback_data":"group=cooldown.10"}],[{"text":"Same keyword after 60 minutes","callback_data":"group=cooldown.60"}]]}}}', 0, 15, 'sent', 1, 0, '2', NULL, 1796008039.4209397, 1796008039.4474998, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (17, 'telegram', '5000000001@BizConn000009', 43, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"As of March 2022, the platform charges a commission of <b>5% to 8% of each transaction</b>.\n\nJoining itself is free of charge.\n\n<i>Source: Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Commission refund","callback_data":"topic=benefit-commission-refund"}],[{"text":"What joining costs","callback_data":"topic=entry-fee"}],[{"text":"How much the deposit is","callback_data":"topic=deposit-amount"}]]},"business_connection_id":"BizConn000009"}}', 0, 17, 'sent', 1, 0, '2', NULL, 1796008039.5728426, 1796008039.6175268, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (18, 'web', 'u_7AP1jypFBiXRXrnDNUwQ', 35, '{"to":"u_7AP1jypFBiXRXrnDNUwQ","said":{"id":"c215ffdae0d8e12eea40f8f0","text":"入驻自查","press":false},"replies":[{"text":"问您几个问题：公司、商标、支付宝和保证金。不清楚的直接说“不知道”就行。大约9个问题。\n\n**您的营业执照是哪一种？**","buttons":[["企业（公司）","store-entry.business_type=company#3db3"],["个体工商户","store-entry.business_type=self_employed#3db3"],["没有营业执照","store-entry.business_type=none#3db3"],["不知道","store-entry.business_type=unknown#3db3"],["更多","store-entry:where#3db3"]],"progress":["我能开店吗？",0,9]}]}', 0, 18, 'sent', 1, 0, NULL, NULL, 1796008039.7808716, 1796008039.8052692, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (19, 'web', 'u_7AP1jypFBiXRXrnDNUwQ', 35, '{"to":"u_7AP1jypFBiXRXrnDNUwQ","said":{"id":"80107db4c43f78166d7125e8","text":"公司","press":false},"replies":[{"text":"好的，营业执照：企业（公司）。接着问：\n\n**公司注册在哪里？**","buttons":[["中国","store-entry.company_country=china#3db3"],["其他国家","store-entry.company_country=other#3db3"],["不知道","store-entry.company_country=unknown#3db3"],["上一题","store-entry:back=company_country#3db3"],["更多","store-entry:where#3db3"]],"progress":["我能开店吗？",1,8]}]}', 0, 19, 'sent', 1, 0, NULL, NULL, 1796008039.8688338, 1796008039.8934004, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (20, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Spring","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"No more of this","callback_data":"unsubscribe=news"}]]}}}', 1, NULL, 'sent', 1, 0, '10', NULL, 1796008039.940779, 1796008039.9793153, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (21, 'telegram', '5000000002', 30, '{"method":"sendMessage","params":{"chat_id":5000000002,"text":"春天","parse_mode":"HTML","link_preview_options":{"is_disabled":false},"reply_markup":{"inline_keyboard":[[{"text":"不再接收","callback_data":"unsubscribe=news"}]]}}}', 1, NULL, 'sent', 1, 0, '14', NULL, 1796008039.940779, 1796008039.9793153, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (23, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"Back to the check:\n\n<b>In which of these is your store strong? You may choose several.</b>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Store","callback_data":"medal.strengths=+store#zzdy"}],[{"text":"Brand","callback_data":"medal.strengths=+brand#zzdy"}],[{"text":"Goods","callback_data":"medal.strengths=+goods#zzdy"}],[{"text":"Supply chain","callback_data":"medal.strengths=+supply_chain#zzdy"}],[{"text":"None of these","callback_data":"medal:done=strengths#zzdy"}],[{"text":"I don''t know","callback_data":"medal.strengths=unknown#zzdy"}]]}}}', 0, 21, 'waiting', 0, 0, NULL, NULL, 1796008040.088765, NULL, NULL, NULL);
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (22, 'telegram', '5000000001', 36, '{"method":"sendMessage","params":{"chat_id":5000000001,"text":"The platform charges a commission of <b>5% to 8% of each transaction</b>.\n\nJoining itself is free of charge.\n\n<i>29 March 2022</i>","parse_mode":"HTML","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":11,"allow_sending_without_reply":true}}}', 0, 21, 'waiting', 4, 1796008048.168377, NULL, 'the answer is not Telegram''s, its status is 502', 1796008040.088765, NULL, NULL, NULL);
INSERT INTO receivers VALUES ('d573d17d020fb7ae8532484d', 'telegram', '5000000001', 20);
INSERT INTO receivers VALUES ('d573d17d020fb7ae8532484d', 'telegram', '5000000002', 21);
INSERT INTO results VALUES ('G8YJN-HRV18-MT3MK', 'telegram:5000000002:5000000002', '2027-02-22', '{"code":"G8YJN-HRV18-MT3MK","check":"medal","verdict":"ask","en":"**As of April 2022: Perhaps, by preferred access; the platform decides.**  \n? You are below the floor, but the platform may admit good merchants on its own judgement. What you named: Goods.\n\n**To do:**  \n☐ Go on improving the indicators that the medals are assessed by. How one asks for preferred access our source does not say.\n\nThe platform''s official rules and the seller backend have the last word. Thresholds and indicators were to appear there from May 2022.\n\n*Source: Straw Hat, the new AE Mall system, 26 April 2022. Not confirmed since.*","zh":"**按2022年4月的资料：有可能走优选准入，由平台判断。**  \n? 没到最低要求，但平台可以根据业务判断，优选准入优质商家。您的优势：商品。\n\n**要办的事：**  \n☐ 继续优化金银牌的考核指标。优选准入怎么申请，资料里没有写。\n\n最终以平台正式规则和商家后台为准。门槛和考核指标当时预计2022年5月起在后台显示。\n\n*来源：草帽关于AE Mall新体系的文章，2022年4月26日。此后未再确认。*","answers":[["monthly_gmv_usd",7000],["strengths",["goods"]]],"rules":"afabcbb9","made":"2026-11-24","until":"2027-02-22","address":"telegram:5000000002:5000000002"}');
INSERT INTO subscriptions VALUES ('telegram', '5000000001', 'news', 'telegram:5000000001:5000000001', 'en', 1796008038.2089937);
INSERT INTO subscriptions VALUES ('telegram', '5000000002', 'news', 'telegram:5000000002:5000000002', 'zh', 1796008038.5887954);
INSERT INTO ticket_messages OVERRIDING SYSTEM VALUE VALUES (1, 12, 'telegram', '-1001000000008', '1', 1796008039.105401);
INSERT INTO ticket_messages OVERRIDING SYSTEM VALUE VALUES (2, 12, 'telegram', '-1001000000008', '2', 1796008039.1767895);
INSERT INTO ticket_messages OVERRIDING SYSTEM VALUE VALUES (3, 12, 'telegram', '5000000003', '6', 1796008039.2249632);
INSERT INTO ticket_messages OVERRIDING SYSTEM VALUE VALUES (4, 12, 'telegram', '-1001000000008', '3', 1796008039.3294656);
INSERT INTO tickets VALUES (12, 'telegram:5000000003:5000000003', 'en', 'open', '1', 1796008039.0167634, NULL, 1796008039.2768123);
SELECT pg_catalog.setval('events_id_seq', 20, true);
SELECT pg_catalog.setval('inbox_id_seq', 22, true);
SELECT pg_catalog.setval('outbox_id_seq', 23, true);
SELECT pg_catalog.setval('ticket_messages_id_seq', 4, true);
ALTER TABLE ONLY conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (address);
ALTER TABLE ONLY events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (channel, chat);
ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_key_key UNIQUE (key);
ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kept
    ADD CONSTRAINT kept_pkey PRIMARY KEY (name);
ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY receivers
    ADD CONSTRAINT receivers_pkey PRIMARY KEY (broadcast, channel, chat);
ALTER TABLE ONLY results
    ADD CONSTRAINT results_pkey PRIMARY KEY (code);
ALTER TABLE ONLY subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (channel, chat, subject);
ALTER TABLE ONLY ticket_messages
    ADD CONSTRAINT ticket_messages_channel_chat_message_key UNIQUE (channel, chat, message);
ALTER TABLE ONLY ticket_messages
    ADD CONSTRAINT ticket_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY working
    ADD CONSTRAINT working_pkey PRIMARY KEY (part);
CREATE INDEX events_time ON events USING btree ("time");
CREATE INDEX inbox_given_up ON inbox USING btree (id) WHERE (state = 'dead'::text);
CREATE INDEX inbox_new ON inbox USING btree (id) WHERE (state = 'new'::text);
CREATE INDEX outbox_chat ON outbox USING btree (channel, chat);
CREATE INDEX outbox_given_up ON outbox USING btree (id) WHERE (state = ANY (ARRAY['dead'::text, 'gone'::text]));
CREATE INDEX outbox_passing ON outbox USING btree (id) WHERE (passing IS NOT NULL);
CREATE INDEX outbox_ticket ON outbox USING btree (ticket) WHERE (ticket IS NOT NULL);
CREATE INDEX outbox_waiting ON outbox USING btree (priority, id) WHERE (state = 'waiting'::text);
CREATE INDEX outbox_waiting_chat ON outbox USING btree (channel, chat) WHERE (state = 'waiting'::text);
CREATE INDEX receivers_call ON receivers USING btree (call);
CREATE INDEX receivers_chat ON receivers USING btree (channel, chat);
CREATE INDEX ticket_messages_ticket ON ticket_messages USING btree (ticket);
CREATE UNIQUE INDEX tickets_open ON tickets USING btree (address) WHERE (state = 'open'::text);
