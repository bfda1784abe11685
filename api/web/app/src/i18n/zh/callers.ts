export const callers = {
  more: '更多主叫号码', moreHint: '每位联系人会看到其中一个号码或上方的号码；可一次粘贴多个。',
  choice: '向联系人显示哪个号码', by: { contact: '始终相同', area: '与联系人同地区' },
  hint: { contact: '平均分配给联系人', area: '优先相同区号，其次同省（州）或同一国家，否则平均分配' },
  and: '等 {{n}} 个',
  trunk: '允许的主叫号码', trunkHint: '外呼活动只能显示这些号码；留空表示不限',
};
