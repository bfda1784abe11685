import type { common as source } from '../en/common';

export const common: typeof source = {
  app: { tagline: '让每一通外呼找到对的人' },
  nav: {
    agent: '坐席工作台', board: '实时监控', reports: '报表', campaigns: '外呼活动', lists: '名单', calls: '通话记录',
    segments: '分群', scripts: '话术', contacts: '联系人', rules: '规则', dnc: '禁呼名单', callbacks: '回拨', articles: '知识库', users: '用户', apiDocs: 'API 文档', menu: '菜单', main: '主导航', sales: '销售', experiments: '测试', quality: '质检',
  },
  act: {
    cancel: '取消', close: '关闭', create: '新建', remove: '移除',
    retry: '重试', next: '下一页', previous: '上一页', add: '添加',
    signOut: '退出登录',
  },
  ui: {
    language: '语言', scheme: '浅色或深色', light: '浅色', dark: '深色', auto: '跟随系统',
    account: '账号', all: '全部', none: '无', name: '名称', status: '状态', optional: '选填',
    seconds: '秒', minutes: '分钟', hours: '小时', days: '天', skip: '跳到正文',
    times: '次', percent: '%', unknown: '未知',
  },
  signin: {
    title: '登录', login: '用户名', password: '密码', submit: '登录',
    wrong: '用户名或密码不正确。', away: '无法连接服务器。请确认服务器已启动、网络正常。',
    failed: '登录失败：{{message}}', ended: '会话已结束，请重新登录。',
    throttled: '尝试次数过多，请稍等一分钟。',
  },
  conn: {
    lost: '连接已断开，正在重连…',
    lostDetail: '进行中的通话不受影响，已输入的内容会保留。', retry: '立即重连',
  },
  state: {
    title: '出错了', notFound: '页面不存在', notFoundHint: '地址可能有误。',
    forbidden: '您无权查看此页面', forbiddenHint: '如有需要，请联系管理员。',
    crash: '页面遇到无法恢复的错误。请重新加载，已输入的内容会保留。', reload: '重新加载',
  },
  role: { agent: '坐席', supervisor: '班长', list_manager: '名单管理员', admin: '系统管理员' },
};
