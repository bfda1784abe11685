import type { codes as source } from '../en/codes';

export const codes: typeof source = {
  outcome: {
    connected: '已接通', abandoned: '呼损', early_hangup: '接听即挂断', machine: '答录机',
    busy: '占线', no_answer: '无人接听', invalid_number: '空号', rejected: '拒接',
    trunk_failed: '中继故障', cancelled: '已取消', switch_lost: '交换机中断', unknown: '结果未知',
    not_placed: '未拨出',
  },
  agentState: {
    Offline: '离线', NotReady: '示忙', Ready: '就绪', Reserved: '接入中', Preview: '预览',
    Talking: '通话中', WrapUp: '话后处理',
  },
  notReady: {
    waiting_for_phone: '等待话机接通', preview_timeout: '预览超时',
    break: '小休', lunch: '用餐', meeting: '会议', training: '培训',
    admin: '文书处理', login: '刚刚签入',
    phone_lost: '话机断开', wrap_up_timeout: '话后处理超时', connection_lost: '连接曾中断',
  },
  phone: { up: '话机已接通', ringing: '话机振铃中', down: '话机未接通' },
  campaignStatus: { paused: '已暂停', running: '运行中', draining: '收尾中', stopped: '已停止' },
  mode: { progressive: '渐进式', power: '倍率式' },
  amd: { off: '关闭', beside: '与坐席并行', before: '接坐席之前' },
  limit: {
    status: '未运行', lease: '由其他节点拨号', starting: '正在与交换机核对', stopping: '服务器正在停止', journal: '数据库响应慢', breaker: '中继故障', originate: '交换机响应慢',
    agents: '就绪坐席', budget: '呼损额度', lines: '中继线路', cps: '每秒呼叫数',
    switch_down: '交换机离线', empty: '名单已拨完', hours: '可呼时段',
    all_waiting: '联系人未到时间', ratio: '拨号倍率',
    ledger: '数据库响应慢', trunk: '中继离线',
  },
  breaker: { closed: '正常', open: '故障', half_open: '试探中' },
  placeState: { waiting: '等待中', in_flight: '呼叫中', finished: '已完成', excluded: '已排除' },
  effect: { finish: '结束该联系人', retry: '稍后重拨', callback: '约定时间回拨', dnc: '不再呼叫' },
  hungUpBy: { callee: '对方', agent: '坐席', dialer: '系统', switch: '交换机' },
  callState: {
    messaging: '播放提示音', closing: '挂断中', none: '–',
    dialing: '拨号中', ringing: '振铃中', screening: '检测中', waiting: '等待中',
    connecting: '接入中', talking: '通话中', ended: '已结束',
  },
  reject: {
    phone_premium: '高资费号码', phone_zone_unknown: '号码所在时区未知', row_encoding: '字符无法识别',
    phone_missing: '缺少电话号码', phone_invalid: '电话号码无效', duplicate_in_file: '文件内重复',
    duplicate_in_list: '名单中已存在', row_broken: '该行无法读取', field_too_long: '内容过长',

  },
  importError: {
    file_empty: '文件为空。', interrupted: '读取时服务器停止，请重新上传，已导入的行会自动跳过。',
    file_binary: '这不是文本文件。', no_phone: '首行中没有电话号码列。', too_many: '文件的列过多。',
    row_too_long: '某一行过长，多为引号未闭合。', not_readable: '文件未能完整读取，请重新上传。',
    encoding_mixed: '无法识别文件编码，请另存为 UTF-8。',
  },
  excluded: {
    number_open: '号码正在呼叫中', number_busy: '号码正被处理', retry: '坐席要求重拨', callback: '回拨', zone: '时区未知',
    dnc: '禁呼', max_attempts: '拨打次数用尽',
    undisposed: '未登记结果',
    cap: '频次上限', hours: '可呼时段', duplicate: '重复',
  },
  error: {
    disk_full: '服务器存储空间不足。',    exists: '该名称已被使用。', not_signed_in: '请重新登录。', wrong_credentials: '用户名或密码不正确。', too_many_tries: '尝试次数过多，请稍等一分钟。', too_many_requests: '请求过多，请稍候。', unavailable: '数据库无响应，请重试。', busy: '服务器繁忙，请重试。', try_again: '暂时无法完成，请重试。', bad_data: '提交的内容有误。', bad_request: '提交的内容有误。', campaign_not_found: '该外呼活动已不存在。', already_in_session: '请先签出另一个外呼活动。', no_phone: '您的账号未配置话机，请联系管理员。', in_call: '请先结束通话并登记结果。', not_your_call: '这不是您的通话。', still_talking: '通话尚未结束。', callback_time_missing: '请填写回拨时间。', callback_time_past: '回拨时间已过。', agent_away: '该坐席未签入或话机未接通。', cannot_listen: '无法接通您的话机或该坐席。', not_withdrawn: '号码已加入名单，但进行中的呼叫未能结束，请重新提交。', own_account: '不能取消自己的权限。', cross_origin: '请求来自其他页面。', recording_damaged: '该录音已损坏。', unsupported_media_type: '请上传 CSV 文件。', owned: '当前由另一台服务器处理。', method_not_allowed: '无法执行此操作。', not_acceptable: '无法执行此操作。', upgrade_required: '无法执行此操作。',
    unreachable: '无法连接服务器。',
    stale: '内容已被他人修改，请刷新后重新编辑。',
    forbidden: '您无权执行此操作。', not_found: '该内容已不存在。',
    call_over: '通话已经结束。', already_disposed: '该通话已登记结果。',
    unknown_command: '服务器不识别该命令。', not_logged_in: '您尚未签入外呼活动。',
    invalid_input: '提交的内容有误。', unknown_code: '该活动没有这个结果。',
    internal: '服务器出错，请重试。',
    timeout: '服务器响应超时。', too_large: '内容过大。',
    fallback: '操作未成功。',
  },
  invalid: {
    between: '须在 {{from}} 与 {{to}} 之间。', length: '长度不符或含有控制字符。',
    required: '请填写此项。', range: '超出允许范围。', phone: '请使用国际格式，例如 +8613800138000。',
    unknown: '不存在。', format: '格式不正确。', taken: '已被使用。', too_short: '太短。',
    too_long: '太长。', time: '请填写时间，例如 09:00。', duplicate: '重复使用。', past: '时间已过。',
  },
};
