import { ActionIcon, Button, MultiSelect, TextInput } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Load, Panel } from '../../ui/ui';
import { ChangeProblem, FormDialog } from '../lists/parts';
import { useDeleteTeam, useSaveTeam, useTeams, useUserNames, type Team } from './api';
import css from './campaigns.module.css';

const blank: Team = { id: '', name: '', members: [] };

function TeamDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const { t } = useTranslation();
  const users = useUserNames().data ?? [];
  const [name, setName] = useState(team.name);
  const [members, setMembers] = useState(team.members ?? []);
  const save = useSaveTeam();
  const send = () => save.mutate({ id: team.id, name: name.trim(), members }, {
    onSuccess: () => {
      toastOK(t('steer.teamSaved', { name: name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog title={t(team.id ? 'steer.changeTeam' : 'steer.newTeam')} action={t('segments.save')} busy={save.isPending} disabled={!name.trim()} testid="team-dialog" onClose={onClose} onSubmit={send}>
      <TextInput label={t('ui.name')} maxLength={80} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="team-name" />
      <MultiSelect label={t('steer.members')} searchable clearable limit={100} value={members} onChange={setMembers} data-testid="team-members"
        data={users.filter((u) => members.includes(u.id) || ((u.role === 'agent' || u.role === 'supervisor') && !u.disabled)).map((u) => ({ value: u.id, label: u.role === 'agent' ? u.name : `${u.name} · ${t(`role.${u.role}`)}` }))} />
      <ChangeProblem error={save.error} />
    </FormDialog>
  );
}

/** All teams; supervisors make and change them. */
export function TeamsPanel() {
  const { t } = useTranslation();
  const teams = useTeams();
  const users = useUserNames().data ?? [];
  const staff = may(useUser(), 'staff');
  const [edited, setEdited] = useState<Team | null>(null);
  const [removing, setRemoving] = useState<Team | null>(null);
  const remove = useDeleteTeam();
  const create = staff && <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setEdited(blank)} data-testid="create-team">{t('steer.newTeam')}</Button>;
  const membersOf = (x: Team) => (x.members ?? []).map((id) => users.find((u) => u.id === id)?.name ?? '…').join(', ');
  return (
    <Panel title={t('steer.teams')} aside={create} testid="teams">
      <Load query={teams} rows={2} empty={(all) => all.length === 0} whenEmpty={<p className={css.note}>{t(staff ? 'steer.noTeamsHint' : 'steer.askForTeams')}</p>}>
        {(all) => (
          <ul className={css.assigned}>
            {all.map((x) => (
              <li key={x.id} data-testid="team-row" data-team={x.name}>
                <div className={css.assignedHead}>
                  <b>{x.name}</b>
                  <span className={`truncate ${css.members}`} title={membersOf(x)}>{x.members?.length ? membersOf(x) : t('steer.nobody')}</span>
                  {staff && (
                    <span className={css.arrows}>
                      <ActionIcon variant="subtle" color="gray" aria-label={`${t('steer.change')}: ${x.name}`} onClick={() => setEdited(x)} data-testid="team-edit"><IconPencil size={16} /></ActionIcon>
                      <ActionIcon variant="subtle" color="gray" aria-label={`${t('act.remove')}: ${x.name}`} onClick={() => setRemoving(x)} data-testid="team-remove"><IconTrash size={16} /></ActionIcon>
                    </span>
                  )}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Load>
      {edited && <TeamDialog team={edited} onClose={() => setEdited(null)} />}
      <Confirm opened={removing !== null} danger title={t('segments.removeAsk', { name: removing?.name ?? '' })} hint={t('steer.removeTeamHint')} action={t('act.remove')} busy={remove.isPending} onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onError: toastProblem, onSettled: () => setRemoving(null) })} />
    </Panel>
  );
}
