import i18next from 'i18next';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../api/http';
import { resources } from '../../i18n';
import { fileText, rowText } from './words';

beforeAll(() => i18next.init({ resources, lng: 'zh-CN', interpolation: { escapeValue: false } }));
afterAll(() => i18next.changeLanguage('en'));

const says = (code: string, message: string) => fileText(new ApiError(422, code, message));

describe('what is wrong with a file', () => {
  it('names the row, the columns and the sheet in Chinese, too', () => {
    expect(says('row_too_long', 'row 5 is longer than 1 MiB: close its quote, or see that rows end with line breaks')).toMatch(/^第 5 行.*引号/);
    expect(says('too_many', 'the file has 524288 columns or more, at most 500 are allowed: leave out those that nobody needs')).toMatch(/^文件有 524288 列.*500/);
    expect(says('too_many', 'row 1 has a cell in column 18278, at most 500 columns are allowed: leave out those that nobody needs')).toMatch(/第 1 行.*18278/);
    expect(says('sheet_missing', 'the workbook has no sheet "x"; it has: People, Rest')).toContain('People, Rest');
    expect(says('too_many', 'the plan needs a column called "城市", which the file does not have: choose the columns anew')).toBe('文件中没有“城市”列，请重新选择各列。');
    expect(says('no_phone', 'no column holds telephone numbers; name one of them phone, mobile, 电话 or 手机, or choose it; found: a, b')).toMatch(/^文件中的列：a, b。/);
    expect(says('file_binary', 'the file is not CSV but an old Excel workbook (.xls): save it as .xlsx or CSV first')).toContain('.xls');
    expect(says('file_empty', 'the file is empty: export the list again')).toContain('文件为空');
    expect(fileText(new ApiError(413, 'too_large', ''))).toContain('512 MB');
  });
  it('is said of a row, too', () => {
    expect(rowText('line 13: its quote is never closed: close it, or take it out')).toMatch(/^第 13 行/);
    expect(rowText('4 columns, the header has 3')).toMatch(/^有 4 列/);
    expect(rowText('+8613800138000')).toBe('+8613800138000');
  });
});
