import type { imports as source } from '../en/imports';

export const imports: typeof source = {
  steps: '步骤', step: { file: '文件', columns: '列', loading: '导入', result: '结果' },
  drop: '将文件拖到此处', or: '或', pick: '选择文件', fileHint: '支持 CSV、TSV 和 Excel（XLSX）；编码可为 UTF-8、UTF-16、GBK、GB18030 或 Big5。保存之前会先显示内容。',
  uploading: '正在上传 {{name}}', importing: '正在导入 {{name}}', looking: '正在查看文件', unreadable: '无法导入此文件', refused: '无法导入“{{name}}”', another: '换一个文件', file: '文件', encoding: '编码', delimiter: '列分隔符', sheet: '工作表', header: '首行',
  headerYes: '是列名', headerNo: '已是联系人', found: '自动识别', chosen: '手动选择', workbook: 'Excel 工作簿',
  columns: '列', inFile: '文件中的列', readAs: '作为', details: '详细', kind: '号码类型', kindAny: '按号码判断', label: '标注', labelHint: '家庭、公司等', fieldName: '字段名称', type: '类型', dateOrder: '日期顺序', dateAny: '按当地习惯',
  preview: '前 {{n}} 行', show: '显示', stored: '保存后的内容', raw: '文件原文', noRows: '文件中除列名外没有数据', further: '其他号码', where: '地区',
  duplicates: '重复与禁呼', by: '判断为同一联系人的依据', inFileTwice: '文件内重复', inList: '此名单中已有', across: '其他名单中已有', onDNC: '在禁呼名单中', dncMark: '导入并标记，不会呼叫', dncReject: '拒绝',
  templates: '模板', useTemplate: '使用模板', fitsNot: '文件缺少该模板所需的列', saveTemplate: '保存为模板', templateHint: '保存列与重复处理方式，供列名相同的文件使用；同名模板将被替换。', templateSaved: '模板 {{name}} 已保存。', usedTemplate: '已使用与此文件相符的模板“{{name}}”，仍可修改。', replace: '替换',
  problem: { noPhone: '请选择电话号码所在的列。', manyPhones: '每位联系人最多 20 个号码。', twice: '有两列作为同一内容。', sameField: '有两列的字段名称相同。', noKey: '按客户编号判断重复，但没有客户编号列。' },
  someBad: '以上 {{all}} 行中有 {{n}} 行将被拒绝。', discard: '放弃', start: '开始导入', cancel: '停止', goesOn: '可以离开此页面，导入会继续。',
  result: '结果', done: '文件已导入', failed: '导入失败', cancelled: '导入已停止，之前导入的联系人保留在名单中。', updated: '已更新', marked: '标记为禁呼', markedHint: '标记的联系人计入名单，但号码仍在禁呼名单中时不会呼叫。',
  keptBefore: '此前已导入的 {{n}} 位联系人保留在名单中。更正文件后重新导入即可，已导入的行会自动跳过。',
  detail: {
    oldExcel: '这是旧版 Excel 工作簿（.xls）。请先另存为 XLSX 或 CSV。', brokenBook: '工作簿已损坏或不完整。请重新保存，或另存为 CSV。', noPhone: '文件中的列：{{a}}。', cellBeyond: '第 {{a}} 行在第 {{b}} 列有内容，最多读取 500 列。请去掉不需要的列。', manyColumns: '文件有 {{a}} 列，最多读取 500 列。请去掉不需要的列，或检查分隔符是否正确。', columnMissing: '文件中没有“{{a}}”列，请重新选择各列。', planColumns: '选择了 {{a}} 列，而文件有 {{b}} 列，请重新选择各列。',
    longRow: '第 {{a}} 行超过 1 MiB，多为引号未闭合，或文件没有换行。请更正该行后重新导入。', noSheet: '没有工作表“{{a}}”；现有：{{b}}。', rowUnread: '第 {{a}} 行：', texts: '工作簿中不同的文字过多，请另存为 CSV。',
  },
  broken: {
    open: '第 {{a}} 行的引号未闭合。请补上或去掉该引号。', bare: '第 {{a}} 行的值中间有引号。请将该引号写两次，并用引号括住整个值。', behind: '第 {{a}} 行的右引号之后还有文字。值中的引号请写两次。',
    columns: '有 {{a}} 列，而首行只有 {{b}} 列。含分隔符的值须用引号括住。',
  },
  rejects: '被拒绝的行', downloadRejects: '下载被拒绝的行', firstRejects: '仅显示前 {{n}} 行。', toList: '查看名单',
  findNear: '重新查找', noNear: '此名单中没有疑似同一人的联系人。',
  near: '可能是同一人', nearHint: '以下联系人可能是同一人的不同写法，差异处已标出。保留其中一位时，会用另一位的资料补全空白。', alike: '相同：{{why}}', different: '不是同一人', keepThis: '保留此联系人',
};
