export const talk = {
  targets: '可转接的外部号码', target: '号码', targetName: '名称', targetNumber: '号码', addTarget: '添加号码',
  targetsHint: '坐席只能把通话转接到这些号码。由 3 至 20 个 0-9 + * # 组成，按中继线路的拨号方式填写。',
};
