import type { lists as source } from '../en/lists';

export const lists: typeof source = {
  title: '名单', create: '新建名单', name: '名称', region: '无国家代码号码的默认地区', regionHint: '未带“+”的号码按该地区识别。',
  regionShort: '地区', find: '查找名单', progress: '进度', unused: '未用于外呼活动', unusedHint: '还没有外呼活动使用此名单；使用后会在这里显示进度。',
  loaded: '已导入', dialable: '可拨打', inFlight: '呼叫中', finished: '已完成', excluded: '已排除', excludedWhy: '排除原因', finishedBy: '完成原因', waitingFor: '等待原因',
  sumWrong: '各项之和不符：少 {{n}} 位联系人，请告知管理员。', asOf: '进度更新：{{time}}', created: '创建时间', empty: '还没有名单',
  emptyHint: '先新建名单，再导入包含电话号码列的文件（CSV、TSV 或 Excel）。', noList: '没有符合条件的名单', someOf: '显示 {{all}} 个中的 {{n}} 个。', more: '显示更多', load: '导入文件',
  showArchived: '显示已归档（{{n}}）', isArchived: '已归档', archivedHint: '此名单已归档：不会被外呼活动呼叫，也不能再导入；历史记录保留。',
  rows: '行数', accepted: '已接受', rejected: '已拒绝', row: '行', column: '列', value: '内容', reason: '原因', file: '文件', files: '已导入的文件',
  contacts: '联系人', searchContacts: '姓名或号码', person: '姓名', phone: '号码', zone: '时区', fields: '资料', noContacts: '没有联系人', noContactsHint: '导入文件以填充此名单。', noMatch: '没有符合条件的联系人',
  actions: '名单的更多操作', rename: '重命名', copy: '复制', split: '拆分', merge: '合并', reset: '重新呼叫', export: '导出', archive: '归档', restore: '取消归档',
  conflict: '内容已被他人修改', conflictHint: '您的输入已保留。请加载最新内容，核对后重新提交。', conflictName: '现在的名称是“{{name}}”。您的输入已保留：请加载最新内容后重新提交。', reload: '加载最新内容',
  archiveAsk: '归档“{{name}}”？', archiveHint: '已暂停的外呼活动将不再包含它；联系人、呼叫记录和录音保留，可随时取消归档。', archived: '{{name}} 已归档。',
  restoreAsk: '取消归档“{{name}}”？', restoreHint: '之后可再次用于外呼活动。', restored: '{{name}} 可再次使用。',
  copyTitle: '复制“{{name}}”的联系人', copyHint: '复制号码、字段和标签，不含历史记录。目标名单中已有的号码将跳过。', copyOf: '{{name}}（副本）', newList: '新名单', otherList: '其他名单', into: '目标名单', onlyThose: '仅限符合条件的联系人',
  mergeTitle: '将其他名单合并到“{{name}}”', mergeHint: '联系人连同历史记录移入此名单，外呼进行中也可合并。此名单中已有的号码留在原名单。', sources: '要移入的名单', archiveSources: '合并后归档已空的名单',
  keepCampaigns: '来源名单所属的外呼活动也加入此名单', keepCampaignsHint: '回拨与重拨得以继续。', splitCampaigns: '使用此名单的外呼活动也加入新名单',
  splitTitle: '拆分“{{name}}”', splitHint: '联系人连同历史记录移入新名单，外呼进行中也可拆分。', byShare: '按比例', byCount: '按数量', byFilter: '按条件', share: '比例', howMany: '人数', filter: '条件',
  removePart: '移除 {{name}}', addPart: '再加一个新名单', stay: '留在此名单的比例', stayHint: '0 表示全部移出。',
  resetTitle: '重新呼叫“{{name}}”的联系人', resetHint: '外呼活动将重新处理已完成或已排除的联系人。历史记录保留，号码频次继续累计，规则照常检查。', noCampaign: '没有外呼活动使用此名单。', inCampaign: '外呼活动', onlyReasons: '仅限以下原因', onlyReasonsHint: '不选则包括所有已完成或已排除的联系人。',
  exportTitle: '导出“{{name}}”', exportHint: '导出人与内容会记入审计日志；可能被表格软件当作公式执行的单元格会作无害处理。', format: '格式', formatXLSX: 'Excel 文件（XLSX）', formatCSV: 'CSV 文件（UTF-8）', onlySegment: '仅限此分群', noSegments: '还没有分群', everybody: '所有人',
  started: '已开始处理，进度显示在名单页面。', jobs: '名单处理任务', jobsAll: '显示全部 {{n}} 项', jobSeen: '已检查', jobChanged: '已处理', jobSkipped: '未移动', jobSkippedHint: '目标名单中已有其号码或编号。', jobInto: '新名单', stopJob: '停止',
};
