export const experiments = {
  title: '活动测试', create: '新建测试', createHint: '活动须先暂停。所有尚未呼叫过的联系人在此刻一次性随机分组；之后加入的联系人按活动设置呼叫，不计入测试。', start: '分组并开始', started: '联系人已分组，测试已开始', show: '显示范围', all: '全部',
  none: '暂无测试', noneHint: '测试在随机分组的联系人上比较话术、时段、主叫号码或预览方式，并可保留一组不呼叫的对照。',
  name: '名称', control: '对照组', armN: '方案 {{n}}', arm: '分组', addArm: '添加方案', weight: '权重', holdOut: '对照组（不呼叫）', holdOutHint: '保留对照组：测试期间不呼叫这些联系人', script: '话术', caller: '主叫号码', from: '开始时间', to: '结束时间', preview: '预览', asIs: '按活动设置',
  compared: '比较指标', outcome: { success: '通话成功率', contact: '接触率', conversion: '转化率' }, planned: '计划联系人数', strata: '分层均衡', nothing: '不分层', byList: '按名单', byZone: '按时区', byField: '联系人字段',
  running: '进行中', ended: '已结束', end: '结束测试', endHint: '活动恢复自身设置，已测得的数据保留。', why: '原因', release: '从现在起可呼叫对照组', because: '结束原因：{{why}}',
  drawn: '入组', called: '已呼叫', attempts: '{{n}} 次呼叫', revenue: '成交额', rule: '停止规则', verdict: { too_early: '数据不足', go_on: '继续', better: '更优：可停止', worse: '更差：可停止', undecided: '未见差异' },
  uplift: '{{outcome}}：与 {{control}} 的差异', points: '{{diff}}（{{low}} 至 {{high}}）', unit: '百分点', once: '95 % 区间（单次查看）', sure: '95 % 区间（随时查看均有效）',
  method: '采用置换区组随机分组。停止规则依据随时有效的置信序列（Waudby-Smith 等，2024），每天查看也不会使错误率超过 5 %；某方案与对照合计达到 {{planned}} 个联系人时测试终止。', later: '转化晚于通话发生：测试结束后规则才给出结论。',
  import: '导入转化', importHint: 'CSV 列：phone、key 或 contact_id，以及 at；amount 为最小货币单位', imported: '已记录 {{taken}} 条转化；{{unknown}} 行不属于本测试',
};
