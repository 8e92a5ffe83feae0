//! The table of all settings: names, defaults and meanings.

use super::{Group, setting, work};

/// Every setting in its group.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Process",
        title_zh: "进程",
        settings: &[
            setting(
                "workers",
                "0",
                "HTTP worker threads; 0 means one per processor",
                "HTTP 线程数；0 为每个处理器一个",
            ),
            setting(
                "log",
                "info",
                "what is logged, in the syntax of tracing's EnvFilter",
                "日志内容，按 tracing 的 EnvFilter 书写",
            ),
            setting("log_format", "json", "`json` or `text`", "`json` 或 `text`"),
            setting(
                "metrics_token",
                "",
                "bearer token of the metrics; optional where `metrics_listen` is an address of this machine alone",
                "指标的令牌；`metrics_listen` 只监听本机时可不设",
            ),
            setting(
                "metrics_listen",
                "",
                "address and port of `/metrics`, such as `127.0.0.1:9180`; empty: there are no metrics",
                "`/metrics` 监听的地址和端口，如 `127.0.0.1:9180`；空则没有指标",
            ),
        ],
    },
    Group {
        title: "Network",
        title_zh: "网络",
        settings: &[
            setting(
                "listen",
                "127.0.0.1:8080",
                "address and port on which the server listens",
                "监听的地址和端口",
            ),
            setting(
                "public_address",
                "http://localhost:8080",
                "address at which residents and staff reach the server; printed on placards",
                "居民和工作人员访问的地址，印在码牌上",
            ),
            setting(
                "trusted_proxies",
                "",
                "addresses or networks, such as `10.0.0.0/8`, of reverse proxies whose X-Forwarded-For is believed, separated by commas; a proxy on this machine always is",
                "可信反向代理的地址或网段（如 `10.0.0.0/8`），用逗号分开；采信其 X-Forwarded-For，本机代理总是可信",
            ),
            setting(
                "public_plain_http",
                "false",
                "whether `public_address` may be without TLS beyond this machine; passwords then cross the network in clear",
                "`public_address` 在本机以外是否可以不加密；不加密时密码会明文传输",
            ),
            setting(
                "connections_max",
                "10000",
                "connections at the same time; at most what the limit of open files allows",
                "同时的连接数上限；不超过系统允许的打开文件数",
            ),
            setting(
                "unfinished_requests_per_address",
                "256",
                "requests of one address that have not come in whole; a further one ends the oldest; proxies have no such limit",
                "同一地址未收全的请求数上限；再来一个则断开最早的一个；代理不受此限",
            ),
            setting(
                "body_seconds",
                "10",
                "time for sending a form; a client that is slower needs the following speed",
                "提交内容的时限（秒）；超过者须达到下面的速度",
            ),
            setting(
                "bytes_per_second_min",
                "300",
                "slowest client that is served, for what it sends and for what it reads",
                "客户端收发的最低速度（字节/秒）",
            ),
        ],
    },
    Group {
        title: "Database and key",
        title_zh: "数据库和密钥",
        settings: &[
            setting(
                "database",
                "sqlite:data/mashang.db",
                "`sqlite:<file>` or `postgres://user:password@host/name`",
                "`sqlite:<文件>` 或 `postgres://用户:密码@主机/库名`",
            ),
            setting(
                "key_file",
                "data/master.key",
                "file with 32 random bytes in hexadecimal; created if it is missing and the database is new",
                "32 个随机字节（十六进制）的文件；新库时自动生成",
            ),
            setting(
                "key_file_shared",
                "false",
                "accept a key file that others than its owner may read, where a read-only mount decides its mode",
                "只读挂载决定权限时，允许他人可读的密钥文件",
            ),
            setting(
                "database_connections_max",
                "4",
                "connections for reading (SQLite) or for everything (PostgreSQL)",
                "读连接数（SQLite）或总连接数（PostgreSQL）",
            ),
            setting(
                "busy_after_ms",
                "3000",
                "how long a request waits for a lock or a connection before the answer is 503, in milliseconds",
                "等锁或等连接多少毫秒后回 503",
            ),
        ],
    },
    Group {
        title: "Placards",
        title_zh: "码牌",
        settings: &[
            setting(
                "upper_case_codes",
                "true",
                "upper-case addresses on placards, which make a smaller QR code",
                "码牌地址用大写，二维码更小",
            ),
            setting(
                "code_length",
                "8",
                "characters of a new placard's code with its check character, 5 to 8; shorter ones can be guessed",
                "新码牌的短码位数（含校验位），5 到 8；越短越容易被猜中",
            ),
            setting(
                "unknown_codes_address",
                "30",
                "unknown codes from one address in ten minutes that are answered at once; further answers are slow",
                "同一地址十分钟内可立即答复多少个不存在的短码，再多则放慢答复",
            ),
            setting(
                "unknown_codes",
                "3000",
                "the same for all addresses together",
                "同上，所有地址合计",
            ),
        ],
    },
    Group {
        title: "Campaign and form",
        title_zh: "报备活动和表单",
        settings: &[
            setting(
                "city_short_name",
                "",
                "short name of the city: `通` makes 返通 and 离通",
                "城市简称：填`通`则显示返通、离通",
            ),
            setting(
                "city_short_name_en",
                "",
                "the same on English pages",
                "英文页面上的城市名",
            ),
            setting(
                "campaign_starts",
                "",
                "first day on which reports are taken, such as `2022-09-01`; empty: at once",
                "开始收报备的日期，如 `2022-09-01`；空为立即",
            ),
            setting(
                "campaign_ends",
                "",
                "last day on which reports are taken; empty: no end",
                "最后一天收报备的日期；空为不限",
            ),
            setting(
                "form_fields",
                "companions,companion_names,proxy,identity,vehicle,note",
                "optional fields of the form, separated by commas",
                "收集哪些选填项，用逗号分开",
            ),
            setting(
                "legal_basis",
                "",
                "law or order on which the campaign rests, shown on the form",
                "报备的法律依据，显示在表上",
            ),
            setting(
                "legal_basis_en",
                "",
                "the same in English",
                "法律依据的英文",
            ),
            setting(
                "notice",
                "",
                "privacy notice of the form; empty: the program's own words",
                "个人信息告知的文字；空则用系统自带的",
            ),
            setting("notice_en", "", "the same in English", "告知的英文"),
            setting(
                "notice_version",
                "1",
                "version of the notice, stored with each report",
                "告知的版本，随报备保存",
            ),
            setting(
                "site_checked_days",
                "30",
                "days after its last check from which a test site is shown with a warning",
                "采样点信息核实多少天后提示先打电话确认",
            ),
        ],
    },
    Group {
        title: "Telephones",
        title_zh: "电话",
        settings: &[setting(
            "phone_area_code",
            "",
            "the city's area code, such as `0513`, for landlines of 7 or 8 digits that were typed without one; empty: such a number is refused",
            "本市电话区号，如 `0513`，自动加在没写区号的 7、8 位座机号前；空则不收这样的号码",
        )],
    },
    work::HOURS,
    work::REPORTS,
    Group {
        title: "Intake",
        title_zh: "接收",
        settings: &[
            setting(
                "intake_queue_max",
                "4096",
                "reports that may wait for the writer",
                "等待写入的上限",
            ),
            setting(
                "intake_wait_ms",
                "50",
                "how long a report waits for room when the queue is full, in milliseconds; then the answer is 503",
                "队列满时一条上报等待空位的毫秒数，超过则回 503",
            ),
            setting(
                "intake_batch_max",
                "512",
                "reports in one transaction at most; 1 means one transaction per report",
                "一个事务最多写几条；1 即每条一个事务",
            ),
        ],
    },
    Group {
        title: "Receipt numbers",
        title_zh: "回执号查询",
        settings: &[
            setting(
                "status_tries",
                "5",
                "wrong tries at one receipt number within the window",
                "时限内同一回执号可输错几次",
            ),
            setting(
                "status_tries_address",
                "60",
                "wrong tries from one address within the window",
                "时限内同一地址可输错几次",
            ),
            setting(
                "status_window_minutes",
                "15",
                "length of the window in minutes",
                "时限（分钟）",
            ),
        ],
    },
    Group {
        title: "Sign-in",
        title_zh: "登录",
        settings: &[
            setting(
                "sign_in_tries",
                "5",
                "wrong passwords within the window on a device on which the account has signed in before",
                "时限内，账号在登录过的设备上可输错几次密码",
            ),
            setting(
                "sign_in_tries_address",
                "400",
                "wrong passwords from one address in an hour, on all devices on which the account has not signed in before",
                "每小时同一地址可输错几次密码，没登录过的设备合计",
            ),
            setting(
                "sign_in_tries_login",
                "100",
                "wrong passwords for one account in an hour, on all devices on which it has not signed in before",
                "每小时同一账号可输错几次密码，它没登录过的设备合计",
            ),
            setting(
                "sign_in_window_minutes",
                "15",
                "length of the window in minutes",
                "时限（分钟）",
            ),
            setting(
                "session_hours",
                "12",
                "hours that a sign-in lasts",
                "登录有效小时数",
            ),
            setting(
                "password_memory_kib",
                "19456",
                "memory of one Argon2id hash in KiB",
                "一次 Argon2id 的内存（KiB）",
            ),
            setting(
                "password_rounds",
                "2",
                "rounds of one Argon2id hash",
                "一次 Argon2id 的轮数",
            ),
            setting(
                "first_password_days",
                "7",
                "days after which a one-time password that was not used no longer works",
                "一次性密码多少天不用就失效",
            ),
        ],
    },
    Group {
        title: "Webhooks",
        title_zh: "推送",
        settings: &[
            setting(
                "webhook_timeout_seconds",
                "10",
                "seconds that a receiver has to answer",
                "推送多少秒没有回应算失败",
            ),
            setting(
                "webhook_retry_max_seconds",
                "900",
                "longest pause in seconds after failed deliveries",
                "推送失败后最长隔多少秒再试",
            ),
            setting(
                "webhook_plain_http",
                "false",
                "whether webhooks may go to other machines without TLS",
                "推送到本机以外是否可以不加密",
            ),
            setting(
                "webhook_networks",
                "",
                "inner networks or addresses to which webhooks may go, such as `10.1.0.0/16,127.0.0.1`; without it they go to public addresses alone",
                "推送可以去的内网网段或地址，如 `10.1.0.0/16,127.0.0.1`；不设则只去公网地址",
            ),
        ],
    },
];
