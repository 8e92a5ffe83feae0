//! The settings of the work of staff: hours, deadlines and steps.

use super::{Group, setting};

/// When residents are called, and by when.
pub const HOURS: Group = Group {
    title: "Hours and deadlines",
    title_zh: "作息和时限",
    settings: &[
        setting(
            "time_zone",
            "Asia/Shanghai",
            "time zone of the city, an IANA name",
            "城市时区，IANA 名称",
        ),
        setting(
            "day_starts",
            "07:30",
            "time at which calls may begin",
            "几点起可以打电话",
        ),
        setting(
            "day_ends",
            "22:00",
            "time at which quiet hours begin; `24:00` is midnight, and an earlier time than `day_starts` is one of the next day",
            "几点起静默；`24:00` 即午夜，早于 `day_starts` 则为次日",
        ),
        setting(
            "night_due",
            "09:00",
            "time by which the night's reports are called",
            "夜间报备最晚几点前联系",
        ),
        setting(
            "first_contact_minutes",
            "120",
            "minutes that a report of the day may wait for its first call",
            "白天报备多少分钟内首次联系",
        ),
        setting(
            "finish_hours",
            "24",
            "hours from receipt to the end of a report, days off not counted",
            "从收到到办结最多几小时，休息日不计",
        ),
        setting(
            "days_off",
            "",
            "weekdays that are off, such as `Sat,Sun`; holidays are imported",
            "每周哪几天休息，如 `Sat,Sun`；节假日另行导入",
        ),
        setting(
            "off_days_called",
            "false",
            "whether residents are called on days off as on any other day",
            "休息日是否照常联系居民",
        ),
        setting(
            "escalate_grace_minutes",
            "5",
            "minutes that an ordinary report is overdue before the first level is notified; urgent ones are notified at once",
            "普通报备超时多少分钟后才提到上一级；红色报备超时即提级",
        ),
        setting(
            "escalate_minutes",
            "60",
            "minutes that a notified level has for an overdue report before the next level is notified",
            "一级得知超时后，多少分钟内未处理再提到上一级",
        ),
    ],
};

/// How staff work on reports.
pub const REPORTS: Group = Group {
    title: "Work on reports",
    title_zh: "处置",
    settings: &[
        setting(
            "refusals_max",
            "2",
            "how often communities may refuse a report before the command centre decides",
            "社区最多退回几次，之后以指挥中心裁定为准",
        ),
        setting(
            "duplicate_hours",
            "48",
            "hours within which two reports of one room and direction are probable duplicates",
            "同一房号、同一方向的两条报备相隔多少小时内疑似重复",
        ),
        setting(
            "fold_reports",
            "10",
            "from how many open reports of one telephone in one queue on they stand as one line of a list; 3 at least",
            "同一号码在同一社区有多少条待办起，列表中合并显示为一行；最少 3",
        ),
        setting(
            "retry_minutes",
            "30,60,120,240,720,1440",
            "minutes after which an unanswered call may be tried again, as the case page offers them, separated by commas",
            "未接通时可选多少分钟后再拨，用逗号分开",
        ),
        setting(
            "undo_seconds",
            "10",
            "seconds within which a person may undo their own last step",
            "本人撤销上一步操作的时限（秒）",
        ),
    ],
};
