import type { pacing as source } from '../en/pacing';

export const pacing: typeof source = {
  pacing: {
    tab: '拨号节奏', title: '为什么是这么多线路', live: '实时', since: '截至 {{time}}', last15: '最近 15 分钟', lost: '服务器暂时没有响应（{{message}}），显示内容可能已过时。',
    inFlight: '路呼叫进行中', more: '还需 {{n}} 路', noMore: '暂不增加', agents: '坐席', agentsNow: '就绪 {{ready}} · 通话 {{talking}} · 话后 {{wrapUp}}', way: '模式', utilisation15: '利用率（近 15 分钟）',
    tokens: '呼损额度', tokensNow: '剩余 {{budget}} · 已预留 {{reserved}}', ofLive: '真人接听 {{live}} 通，其中呼损 {{abandoned}} 通',
    forecast: '若此刻拨出，约 {{seconds}} 秒后有人接听；届时预计有 {{free}} 位坐席空闲，途中呼叫预计有 {{coming}} 人接听。', errors: '预测平均偏差：坐席 {{free}} 位、接听 {{coming}} 人。',
    idle: '暂无内容：该活动未在拨号', idleHint: '启动活动后，从第一通呼叫起这里会显示每次决策的原因。', elsewhere: '该活动由另一台服务器拨号', elsewhereHint: '请在负责拨号的服务器上打开本页，或稍候，它可能即将接管。',
    why: {
      risk: '再拨一路，若有人接听，找不到坐席的概率为 {{risk}}；目前最多允许 {{allowed}}，以使呼损率不超过 {{cap}}。',
      budget: '呼损额度已用完：有 {{reserved}} 路呼叫超出就绪坐席，都可能成为呼损。随着更多人接通，额度会恢复。',
      agents: '每位就绪或即将就绪的坐席都已有呼叫在途。', ratio: '已达到每位就绪坐席的拨号倍率。', ceiling: '已达到活动的线路上限 {{lines}} 路。',
      contacts: '此刻没有更多可拨的联系人。', no_agents: '没有坐席可以接听。', learning: '尚不清楚有多少人会接听。在首批呼叫给出答案之前，只比就绪坐席多拨几路。', lines: '中继目前没有更多线路可供该活动使用。', cps: '本秒内中继的每秒呼叫数已用完。',
      switch_down: '交换机没有响应，恢复之前不会拨号。', status: '活动未在运行。', lease: '该活动由另一台服务器拨号。', starting: '正在核对交换机上的呼叫与数据库，完成后开始拨号。',
      stopping: '服务器即将停止：通话继续，不再拨出新呼叫。', journal: '数据库写入通话结果较慢，拨号等待中。', breaker: '中继失败的呼叫过多，稍后会再试。', originate: '交换机接受呼叫较慢，拨号等待中。',
      ledger: '数据库未能给出联系人，稍后会再试。', trunk: '找不到该活动的中继。', counts: '正在读取呼损统计；在此之前每路呼叫都对应一位就绪坐席。', slow: '数据库给出联系人较慢；恢复之前每路呼叫都对应一位就绪坐席。',
      list_empty: '名单已拨完。', list_hours: '当前时段名单中没有人可以呼叫。', list_all_waiting: '剩余联系人都安排在之后呼叫。', list_assigned: '剩余名单已指派给坐席，而这些坐席正忙或未登录。',
    },
    plot: {
      lines: '线路', inFlight: '进行中', wanted: '需要', ready: '就绪坐席', utilisation: '利用率', utilisationLine: '通话与话后', abandonment: '呼损率', abandonmentLine: '法定窗口内', cap: '上限',
      risk: '下一路的风险', riskHint: '再拨一路且有人接听时找不到坐席的概率。空白处：由其他因素限制。', riskLine: '风险', allowed: '允许', tokens: '呼损额度', tokensHint: '上限之内还可呼损的数量，以及途中可能成为呼损的呼叫。', budget: '剩余', reserved: '已预留',
      free: '将空闲的坐席', coming: '将接听的人', came: '实际', forecast: '预测', cameHint: '对每一时刻的预测与实际结果。',
    },
  },
  whatif: {
    tab: '假设分析', title: '如果……', intro: '按该活动自身的记录模拟与明天同一星期几的一天。留空的项目与现状相同。', asNow: '同现状', agents: '签入坐席数', target: '呼损率上限', from: '开始', until: '结束', most: '表格最多', mostAuto: '自动',
    ask: '开始模拟', earlier: '已提出的问题', oneAgent: '1 位坐席', nAgents: '{{n}} 位坐席', waiting: '排队等待中', running: '正在模拟', oneAtATime: '一次只处理一个问题。',
    empty: '还没有问题', emptyHint: '看看改变坐席数、时段、上限或模式会怎样。一次回答约需一两分钟，期间拨号照常进行。',
    tooFew: '呼叫太少，无法模拟', unfit: '记录前后矛盾', broken: '模拟失败', interrupted: '模拟被中断', cancelled: '模拟已取消',
    hint: {
      tooFew: '最近 90 天内至少要有 100 通呼叫，其中至少 20 通由真人接听。', unfit: '最近 90 天的记录相互不符。请减少改动后重试，或告知管理员。', broken: '原因见服务器日志，请重试。',
      interrupted: '处理它的服务器已停止，请重新提问。', cancelled: '需要时可再次提问。',
    },
    answer: '{{from}} 点至 {{until}} 点的一天', basis: '依据 {{days}} 天的 {{calls}} 通呼叫：{{rate}} 由真人接听，平均 {{ring}} 秒接听、通话 {{talk}} 秒、话后 {{wrapUp}} 秒。± 为 {{runs}} 个模拟日的 95 % 置信区间。',
    caseNow: '现状（{{mode}}）', caseAsked: '所问（{{mode}}）', case: '方案', asked: '所问', agentsShort: '坐席', utilisation: '利用率', abandonment: '呼损率', worst: '最差 30 分钟', idle: '空闲（秒）', connects: '通话数', dials: '呼叫数', perTalk: '每通话呼叫数',
    staffing: '逐小时人员安排', staffingHint: '{{mode}}。带框：该小时目前签入的坐席数。', hour: '时段', answers: '接听率', agentsSigned: '签入坐席数',
  },
};
