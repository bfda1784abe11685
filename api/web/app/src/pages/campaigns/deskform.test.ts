import { describe, expect, it } from 'vitest';
import type { DispositionCode } from '../../api/types';
import { checkDesk, crmPreview, errorAt, implied, meaning, put, sectionsWithErrors, shownOptional, withFlag } from './deskform';
import { newCampaign } from './draft';

const code = (d: Partial<DispositionCode>): DispositionCode => ({ code: 'x', label: 'X', label_zh: 'X', effect: 'finish', success: false, ...d });

describe('settings of the desk', () => {
  it('leave out what is as by default', () => {
    const s = newCampaign().settings;
    expect(put(put(s, 'preview_seconds', 60), 'preview_seconds', 0)).toEqual(s);
    expect(put(put(s, 'pause_limits', { lunch: 60 }), 'pause_limits', {})).toEqual(s);
    expect(put(s, 'edit_fields', ['plan'])).toEqual({ ...s, edit_fields: ['plan'] });
    expect('edit_fields' in put(s, 'edit_fields', [])).toBe(false);
  });

  it('show each error at its field and open its section', () => {
    const errors = { 'settings.edit_fields.2': 'no', 'settings.pause_limits.lunch': 'too long' };
    expect(errorAt(errors, 'settings.edit_fields')).toBe('no');
    expect(errorAt(errors, 'settings.edit')).toBeUndefined();
    expect(sectionsWithErrors(errors)).toEqual(['pauses', 'contact']);
    expect(shownOptional('settings.preview_seconds')).toBe(true);
    expect(shownOptional('settings.dispositions.3.flags.dnc')).toBe(true);
    expect(shownOptional('settings.script_test')).toBe(false);
  });

  it('know what the server would refuse', () => {
    const s = newCampaign().settings;
    expect(checkDesk(s)).toEqual({});
    expect(checkDesk({ ...s, wrap_up_mode: 'timed_auto' })).toEqual({ 'settings.wrap_up_auto': 'required' });
    expect(checkDesk({ ...s, wrap_up_mode: 'timed_auto', wrap_up_auto: 'callback' })).toEqual({ 'settings.wrap_up_auto': 'needsSomebody' });
    expect(checkDesk({ ...s, wrap_up_mode: 'timed_auto', wrap_up_auto: 'no_talk' })).toEqual({});
    expect(checkDesk({ ...s, crm_url: 'javascript:alert(1)' })).toEqual({ 'settings.crm_url': 'webAddress' });
    expect(checkDesk({ ...s, dispositions: [code({ success: true, effect: 'dnc' }), code({ follow_up: 'A b' })] }))
      .toEqual({ 'settings.dispositions.0.flags.refusal': 'successRefusal', 'settings.dispositions.1.follow_up': 'format' });
  });
});

describe('a disposition', () => {
  it('means what its effect says, too', () => {
    expect(meaning(code({ effect: 'dnc' }))).toMatchObject({ dnc: true, refusal: true, contacted: true, success: false });
    expect(meaning(code({ success: true }))).toMatchObject({ right_party: true, contacted: true });
    expect(meaning(code({ effect: 'callback' }))).toMatchObject({ callback: true, contacted: true, right_party: false });
    expect(meaning(code({}))).toEqual({ success: false, dnc: false, refusal: false, callback: false, right_party: false, contacted: false });
  });

  it('has flags that can be set and taken away, unless they follow from others', () => {
    const d = withFlag(code({}), 'right_party', true);
    expect(d.flags).toEqual({ right_party: true });
    expect(implied(d, 'right_party')).toBe(false);
    expect(implied(d, 'contacted')).toBe(true);
    expect(withFlag(d, 'right_party', false)).toEqual(code({}));
    expect(withFlag(code({ refusal: true }), 'refusal', false)).toEqual(code({}));
    expect(withFlag(code({ flags: { success: true } }), 'success', true)).toEqual(code({ success: true }));
    expect(implied(code({ effect: 'dnc' }), 'refusal')).toBe(true);
  });
});

describe('the preview of an address', () => {
  it('keeps values in their place, as the server does', () => {
    expect(crmPreview('https://crm.example/c/{name}?tel={phone}&plan={fields.Plan}#{attempt}'))
      .toBe('https://crm.example/c/%E7%8E%8B%E8%8A%B3%20%26%20S%C3%B6hne?tel=%2B8613800138000&plan=Plan#0197a0c2-7e02-7d3a-8a4e-91b7c5d2f310');
  });

  it.each(['javascript:alert(1)', 'crm.example/{id}', 'https://{key}.example/', 'https://', 'https://x/{nobody}', 'https://x/{id', 'https://u:p@x/{id}', 'https://x/{fields}', ''])('refuses %s', (bad) => {
    expect(crmPreview(bad)).toBeNull();
  });
});
