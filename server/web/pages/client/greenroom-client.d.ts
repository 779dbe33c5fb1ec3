/**
 * Types of greenroom-client.js. Made from the server's declarations by `python -m server.wire.typescript`: do not edit.
 *
 * Names of fields are those of the protocol. Instants are epoch milliseconds of the server's clock.
 */

export type Role = "viewer" | "speaker" | "moderator" | "manager";

export type Permission = "chat" | "answer_interactions" | "ask_questions" | "raise_hand" | "backchannel" | "initiate_interactions" | "see_line" | "admit" | "lock" | "change_roles" | "remove" | "ban" | "clear_hands" | "start_session" | "end_session" | "invite" | "manage_invitations" | "edit_room" | "delete_room" | "read_audit";

export type Standing = "owner" | "co_owner" | "co_editor" | "co_publisher";

export type Phase = "scheduled" | "opening" | "open" | "ended" | "deleted";

export type LobbyState = "email_entry" | "countdown" | "waiting_for_host" | "waiting_in_line" | "room_full" | "entering" | "declined" | "removed" | "left_line" | "used_on_another_device" | "device_allowed" | "session_ended";

export type RefusalCode = "address_taken" | "already_decided" | "already_live" | "already_planned" | "api_key_invalid" | "api_key_limit" | "api_key_unknown" | "bad_message" | "banned" | "busy" | "cnc_disabled" | "code_mismatch" | "code_required" | "csv_invalid" | "declined" | "directory_full" | "domain_blocked" | "domain_invalid" | "duplicate_row" | "email_mismatch" | "email_not_configured" | "guest_access_off" | "guest_link_full" | "guest_link_limit" | "guest_link_unknown" | "guests_full" | "hello_expected" | "hello_timeout" | "idempotency_mismatch" | "internal_error" | "invitation_closed" | "invitation_unknown" | "invite_expired" | "invite_moved" | "invite_replaced" | "invite_revoked" | "invite_unknown" | "invite_used" | "last_owner" | "line_full" | "mail_not_sent" | "mail_queue_full" | "mail_too_soon" | "mail_unknown" | "method_not_allowed" | "module_disabled" | "node_full" | "nonce_invalid" | "not_inside" | "not_invited" | "not_live" | "not_waiting" | "origin_forbidden" | "participant_unknown" | "path_unknown" | "person_unknown" | "precondition_failed" | "proof_invalid" | "rate_limited" | "rename_disabled" | "replaced" | "role_forbidden" | "room_deleted" | "room_exists" | "room_full" | "room_unknown" | "row_invalid" | "row_key_reused" | "rule_too_wide" | "seq_not_reached" | "session_ended" | "shutting_down" | "store_unavailable" | "subprotocol_unknown" | "token_bound" | "token_expired" | "token_invalid" | "too_large" | "too_many_attempts" | "too_many_invitations" | "too_many_rows" | "too_many_rules" | "too_many_tabs" | "too_slow" | "unconfirmed" | "unknown_command" | "unreachable" | "not_sent" | "ended" | "address_invalid";

/** One act. `by`: the participant who did it, null where the site, a link or the clock did. `details`: what of it is worth telling, as `what`, `old`, `new`, `ban`. */
export interface AuditLineView {
  readonly seq: number;
  readonly at_ms: number;
  readonly name: string;
  readonly by: string | null;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  readonly subjects: readonly SubjectView[];
}

/** Somebody asks to use a claimed link on another device. `label` is what the device says of itself: text, no proof. `email` is null for everybody but managers. */
export interface DeviceRequestView {
  readonly invitation_id: string;
  readonly request_id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly label: string;
  readonly asked_at_ms: number;
}

/** A device that has claimed a link. `device_id` is shortened; `has_key`: it proves itself by a key, not by a cookie alone. */
export interface DeviceView {
  readonly device_id: string;
  readonly claimed_at_ms: number;
  readonly has_key: boolean;
}

/** What the site offers: whether people may be invited, invitations mailed, and guest links used. What is off is left out by a UI; the server refuses it in any case. A room may be narrower. */
export interface Features {
  readonly invite_to_media: boolean;
  readonly email: boolean;
  readonly guest_access: boolean;
}

/** One guest link that is on, as managers see it; never its secret. `clicks`: devices that came in by it. `max_clicks`, `expires_at_ms`: null where there is no limit. */
export interface GuestLinkView {
  readonly guest_link_id: string;
  readonly name: string;
  readonly clicks: number;
  readonly max_clicks: number | null;
  readonly expires_at_ms: number | null;
  readonly created_at_ms: number;
  readonly created_by: string | null;
}

/** What of an invitation's row changes when its person comes, goes, or gets another role. */
export interface InvitationPresenceView {
  readonly invitation_id: string;
  readonly role: Role;
  readonly stage: string;
  readonly person_state: string | null;
  readonly came_at_ms: number | null;
}

/** One invitation, told at an instant: `stage` says `expired` as well, and `expires_at_ms` counts the session's planned end. `device_request`: a question that waits for an answer, or null. */
export interface InvitationRowView {
  readonly invitation_id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly role: Role;
  readonly invited_role: Role;
  readonly status: string;
  readonly stage: string;
  readonly person_state: string | null;
  readonly issue: number;
  readonly link_devices: number;
  readonly devices: number;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly opened_at_ms: number | null;
  readonly claimed_at_ms: number | null;
  readonly came_at_ms: number | null;
  readonly last_device_at_ms: number | null;
  readonly moved_at_ms: number | null;
  readonly reminded_at_ms: number | null;
  readonly participant_id: string | null;
  readonly mail: MailView | null;
  readonly device_list: readonly DeviceView[];
  readonly device_request: DeviceRequestView | null;
}

/** One invitation, as managers see it; never its secret. `status`: created, opened, claimed, revoked or replaced. `stage`: how far it has come: created, opened, in_lobby, inside, away (claimed, not there just now), declined, removed, banned, moved (taken from its device, not claimed on another yet), revoked, replaced. One that nobody has claimed is expired from the later of `expires_at_ms` and the room's `links_good_until_ms` on: that is time, and no event tells it. `role`: what its person is by now; `invited_role`: what it makes them. `came_at_ms`: when they first came. */
export interface InvitationView {
  readonly invitation_id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly role: Role;
  readonly invited_role: Role;
  readonly status: string;
  readonly stage: string;
  readonly person_state: string | null;
  readonly issue: number;
  readonly link_devices: number;
  readonly devices: number;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly opened_at_ms: number | null;
  readonly claimed_at_ms: number | null;
  readonly came_at_ms: number | null;
  readonly last_device_at_ms: number | null;
  readonly moved_at_ms: number | null;
  readonly reminded_at_ms: number | null;
  readonly participant_id: string | null;
  readonly mail: MailView | null;
}

/** The server's bounds, so that a client need not guess. */
export interface Limits {
  readonly max_frame_bytes: number;
  readonly commands_per_s: number;
  readonly commands_burst: number;
  readonly tabs_per_person: number;
}

/** What somebody outside sees of it; `description` only once their address is proven. */
export interface LobbyRoomView {
  readonly room_id: string;
  readonly title: string;
  readonly description: string | null;
  readonly phase: Phase;
  readonly opens: string;
  readonly starts_at_ms: number | null;
}

/** What a waiting tab shows. `state` names the page; `position` is the own place, exact to 100, null beyond or where there is no line. `enter_at_ms`: when this person may come in. `can_be_admitted`: whether a host is there to do it. `needs_email`: the address is still to be proven; `needs_code`: and a code that is mailed to it. `can_reopen`: the session has ended, and this host may go on with it. `rev` rises with every change on this connection. */
export interface LobbyView {
  readonly rev: number;
  readonly state: LobbyState;
  readonly needs_email: boolean;
  readonly needs_code: boolean;
  readonly room: LobbyRoomView;
  readonly enter_at_ms: number | null;
  readonly position: number | null;
  readonly more_than: number | null;
  readonly host_message: string | null;
  readonly decline_message: string | null;
  readonly can_be_admitted: boolean;
  readonly can_knock: boolean;
  readonly can_reopen: boolean;
  readonly device_request: string | null;
}

/** How far an invitation's newest mail is. `kind`: invitation or reminder. `status`: queued, sent, failed, unsure (it is not known whether it arrived; send it again or not) or dropped (withdrawn, or pointless, before it was sent). `at_ms`: since when. `tries`: how often it was tried. `error`: why it failed, or why it is tried again. */
export interface MailView {
  readonly mail_id: string;
  readonly kind: string;
  readonly status: string;
  readonly at_ms: number;
  readonly tries: number;
  readonly error: string | null;
}

/** One person in the room. `email` and `claimed_email` are null for everybody but managers. `unverified`: the name is a claim, and so is `claimed_email`, which a guest typed. */
export interface ParticipantView {
  readonly participant_id: string;
  readonly name: string;
  readonly role: Role;
  readonly standing: Standing | null;
  readonly joined_at_ms: number | null;
  readonly hand_raised_at_ms: number | null;
  readonly unverified: boolean;
  readonly email: string | null;
  readonly claimed_email: string | null;
}

/** A page of a group, in its order, at `seq`. `total` counts all pages; `next_cursor` asks for the next, null on the last. */
export interface ParticipantsPageView {
  readonly seq: number;
  readonly participants: readonly ParticipantView[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** Where a tab is in the room's log; sent back to resume. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** One refusal. `door`: look, claim, ask, code, guest_look, guest_enter or hello. `network`: the /24 or /64 that it came from, null for managers. `device_id` is shortened. */
export interface RefusalLineView {
  readonly at_ms: number;
  readonly door: string;
  readonly code: string;
  readonly network: string | null;
  readonly invitation_id: string | null;
  readonly participant_id: string | null;
  readonly device_id: string | null;
}

/** What everybody inside sees of the room. `links_good_until_ms`: no link that is neither withdrawn nor used up ends before that, 0 where nothing is planned. `capacity`: how many seats there are, null where nobody counts; hosts come in beyond it. `host_absence_ends_at_ms`: when the session ends unless a host comes back, null while one is there, or where it would not (`host_absence_s` 0). `ended_because`: host, site or host_absence. `kind`: standalone, or channel, whose sessions come and go, `session_no` by `session_no`. `cnc`: off, nobody can be invited. `moderators_invite`, `speakers_initiate`: what these roles may do beside their own. `rename`: people may change their own name. */
export interface RoomView {
  readonly room_id: string;
  readonly title: string;
  readonly description: string | null;
  readonly kind: string;
  readonly session_no: number;
  readonly cnc: boolean;
  readonly moderators_invite: boolean;
  readonly speakers_initiate: boolean;
  readonly rename: boolean;
  readonly phase: Phase;
  readonly opens: string;
  readonly locked: boolean;
  readonly starts_at_ms: number | null;
  readonly ends_at_ms: number | null;
  readonly opened_at_ms: number | null;
  readonly links_good_until_ms: number;
  readonly capacity: number | null;
  readonly host_absence_s: number;
  readonly host_absence_ends_at_ms: number | null;
  readonly ended_because: string | null;
  readonly lobby_message: string | null;
  readonly guest_access: boolean;
  readonly rev: number;
}

/** The room whole, as this tab's audience sees it, at `seq`. `waiters` and `device_requests` are null for those who may not see the line, `invitations` for those who are no managers. Lists are sorted by id, waiters by `line_no`. `large`: `participants` are the hosts alone, and so they are in the events; `counts`, `hands` and `own` follow as states, the rest is there to be paged. `waiters` is null where the line is long, too; `line` follows then. */
export interface SnapshotView {
  readonly seq: number;
  readonly large: boolean;
  readonly room: RoomView;
  readonly participants: readonly ParticipantView[];
  readonly waiters: readonly WaiterView[] | null;
  readonly device_requests: readonly DeviceRequestView[] | null;
  readonly invitations: readonly InvitationView[] | null;
  readonly guest_links: readonly GuestLinkView[] | null;
}

/** A record that an act changed: `kind` is room, person, invitation, application or another. */
export interface SubjectView {
  readonly kind: string;
  readonly id: string;
}

/** One person in the line, as hosts see them. `hold`: why they stay even when the room is unlocked, or null. `claimed_email`: what a guest typed; it proves nothing. */
export interface WaiterView {
  readonly participant_id: string;
  readonly name: string;
  readonly role: Role;
  readonly email: string | null;
  readonly claimed_email: string | null;
  readonly unverified: boolean;
  readonly waiting_since_ms: number;
  readonly line_no: number;
  readonly hold: string | null;
}

/** The same of the line. */
export interface WaitersPageView {
  readonly seq: number;
  readonly waiters: readonly WaiterView[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** Who this tab speaks for. `role_rev` is to be acknowledged; `state` is inside, waiting, declined, removed, known (left the line), or unproven (a link was opened, no address proven yet). */
export interface YouView {
  readonly participant_id: string | null;
  readonly name: string | null;
  readonly role: Role | null;
  readonly standing: Standing | null;
  readonly role_rev: number;
  readonly permissions: Permission[];
  readonly state: string;
}

/** `next_before`: to ask for what is older; null where there is nothing. */
export interface AuditPageResult {
  readonly entries: readonly AuditLineView[];
  readonly next_before: number | null;
}

/** What became of row number `row`, counted from 0; `line`: of the file that it came in. `status`: created, repeated (made by an upload before), error with `code`; of a dry run would_create or would_replace. `replaced`: the older invitation of the address, which goes. */
export interface BulkRowView {
  readonly row: number;
  readonly line: number | null;
  readonly key: string | null;
  readonly status: string;
  readonly invitation_id: string | null;
  readonly link: string | null;
  readonly replaced: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

/** `scope`: site or room; `list`: allowed or blocked; `rule`: null where no rule of the allowed list covers the address. */
export interface DecidedByView {
  readonly scope: string;
  readonly list: string;
  readonly rule: string | null;
}

/** `decided_by` null: no rule says anything about the address. */
export interface DomainCheckResult {
  readonly allowed: boolean;
  readonly decided_by: DecidedByView | null;
}

export interface DomainRulesResult {
  readonly allowed_domains: readonly string[];
  readonly blocked_domains: readonly string[];
}

export interface GuestLinkCreateResult {
  readonly guest_link_id: string;
  readonly link: string;
  readonly expires_at_ms: number | null;
}

export interface GuestLinkEditResult {
  readonly guest_link_id: string;
  readonly expires_at_ms: number | null;
}

export interface GuestLinkLinkResult {
  readonly link: string;
}

/** `changed`: how many hands were raised or lowered. */
export interface HandsResult {
  readonly changed: number;
}

/** One answer for each row, in their order; `counts`: how many of each status. */
export interface InvitationBulkResult {
  readonly rows: readonly BulkRowView[];
  readonly counts: Readonly<Record<string, number>>;
  readonly dry_run: boolean;
}

/** `replaced`: the older invitation of the address, or null. */
export interface InvitationCreateResult {
  readonly invitation_id: string;
  readonly link: string;
  readonly replaced: string | null;
}

export interface InvitationExtendResult {
  readonly expires_at_ms: number;
}

export interface InvitationLinkResult {
  readonly link: string;
}

export interface InvitationRemindResult {
  readonly reminded: readonly string[];
  readonly skipped: readonly NotRemindedView[];
}

/** `mail_id`: of the mail that is queued now. */
export interface InvitationSendResult {
  readonly mail_id: string;
}

/** How many were let in. `full`: for how many there was no seat. */
export interface LobbyAdmitAllResult {
  readonly admitted: number;
  readonly full: number;
}

/** Lists of participant ids. `full`: for whom there was no seat. */
export interface LobbyAdmitResult {
  readonly admitted: readonly string[];
  readonly already_decided: readonly string[];
  readonly full: readonly string[];
}

/** `code`: why they were not: already_decided where they have been here. */
export interface NotRemindedView {
  readonly invitation_id: string;
  readonly code: string;
}

/** Done; there is nothing to say. */
export interface NothingResult {

}

export interface PeopleSuggestResult {
  readonly suggestions: readonly SuggestedPerson[];
}

/** The name as it is shown. */
export interface PersonRenameResult {
  readonly name: string;
}

/** `expected`: how many tabs are to apply it; `changed`: false where the role was theirs already. */
export interface RoleChangeResult {
  readonly role_rev: number;
  readonly expected: number;
  readonly changed: boolean;
}

/** `phase`: opening while the line is let in. */
export interface SessionStartResult {
  readonly phase: Phase;
}

export interface SuggestedPerson {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
}

export interface TokenRenewResult {
  readonly token: string;
  readonly token_expires_at_ms: number;
}

/** What a new role lets a tab see, whole; of a long line `waiters` is null, and `line` its head. */
export interface Revealed {
  readonly waiters: readonly WaiterView[] | null;
  readonly line: WaitersPageView | null;
  readonly device_requests: readonly DeviceRequestView[];
}

/** Somebody to be invited; what is wrong with a row, its own answer says. `key`: what the row is known by when it comes again, else what it says; `send`: mail the link. */
export interface BulkRow {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly role: Role;
  readonly key?: string | null;
  readonly send?: boolean;
}

/** Which page; see `participants.page`. */
export interface WatchedPage {
  readonly group?: "hands" | "hosts" | "speakers" | "viewers" | "all";
  readonly cursor?: string | null;
  readonly limit?: number;
  readonly search?: string | null;
}

/** The first message. Sign `nonce` with the device key in `hello`. `now_ms`: the server's clock. */
export interface Challenge {
  readonly type: "challenge";
  readonly nonce: string;
  readonly now_ms: number;
  readonly protocol: string;
}

/** The answer to `hello`. Inside: `position`, and `snapshot` unless `resumed` (then the missing events follow). In the lobby: `lobby` instead. `heartbeat_ms`: at least one message comes in that time, else the connection is dead. */
export interface Welcome {
  readonly type: "welcome";
  readonly connection_id: string;
  readonly you: YouView;
  readonly position: Position | null;
  readonly snapshot: SnapshotView | null;
  readonly lobby: LobbyView | null;
  readonly resumed: boolean;
  readonly now_ms: number;
  readonly token: string;
  readonly token_expires_at_ms: number;
  readonly heartbeat_ms: number;
  readonly limits: Limits;
  readonly features: Features;
}

/** Everything that this tab may see of the room with `after < seq <= upto`, in order. */
export interface Events {
  readonly type: "events";
  readonly after: number;
  readonly upto: number;
  readonly events: readonly RoomEvent[];
}

/** The room whole, replacing what the tab holds: after `sync`, after a hole in the log, after the store came back, and where you become a manager or are one no more. */
export interface Resync {
  readonly type: "resync";
  readonly reason: string;
  readonly position: Position;
  readonly you: YouView;
  readonly snapshot: SnapshotView;
}

/** From the lobby into the room: who you are now, and the room whole. To the person admitted only. */
export interface Entered {
  readonly type: "entered";
  readonly you: YouView;
  readonly position: Position;
  readonly snapshot: SnapshotView;
  readonly token: string;
  readonly token_expires_at_ms: number;
}

/** What a waiting tab shows now; replaces the one before. If the tab was inside, it is no longer: `left` says why (sent_back, removed), and everything about the room is to be forgotten. */
export interface Lobby {
  readonly type: "lobby";
  readonly lobby: LobbyView;
  readonly you: YouView;
  readonly left: string | null;
}

/** The server's clock and the instant of the start, with the revision of the room it was read at. Also the heartbeat. */
export interface Tick {
  readonly type: "tick";
  readonly now_ms: number;
  readonly starts_at_ms: number | null;
  readonly rev: number;
}

/** How far a role that you gave has reached the person's tabs: applied on `applied` of `expected`. `status`: applied, pending, or offline (applies on return). The highest `rev` wins. To whoever changed the role. */
export interface Applied {
  readonly type: "applied";
  readonly participant_id: string;
  readonly role_rev: number;
  readonly applied: number;
  readonly expected: number;
  readonly status: string;
  readonly rev: number;
}

/** How many people are in a large room, and in each group: whoever raised a hand is among the hands, whatever their role. Of every state the highest `seq` wins, and each comes again after a `welcome`, `entered` or `resync`. */
export interface Counts {
  readonly type: "counts";
  readonly seq: number;
  readonly participants: number;
  readonly hands: number;
  readonly hosts: number;
  readonly speakers: number;
  readonly viewers: number;
}

/** The first raised hands of a large room, at most 50, in the order of their instants: a page of the group `hands`. */
export interface Hands {
  readonly type: "hands";
  readonly seq: number;
  readonly participants: readonly ParticipantView[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** Your own row, in a large room. */
export interface Own {
  readonly type: "own";
  readonly seq: number;
  readonly participant: ParticipantView;
}

/** The first waiters of a long line, at most 100: a page of it. To hosts. */
export interface Line {
  readonly type: "line";
  readonly seq: number;
  readonly waiters: readonly WaiterView[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** The page that this tab watches (`participants.watch`), as it is now. */
export interface Roster {
  readonly type: "roster";
  readonly seq: number;
  readonly group: string;
  readonly search: string | null;
  readonly participants: readonly ParticipantView[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** The server cannot reach its store: what you see may be old (`stale`), or is true again (`not stale`). Countdowns go on; commands answer `store_unavailable`. */
export interface Stale {
  readonly type: "stale";
  readonly stale: boolean;
  readonly since_ms: number;
}

/** What the site offers has changed; replaces what `welcome` said. To every tab. */
export interface FeaturesChanged {
  readonly type: "features";
  readonly features: Features;
}

/** The answer to the command `id`. `seq`: the log contains it from there on; null where nothing was logged. */
export interface Result {
  readonly type: "result";
  readonly id: string;
  readonly seq: number | null;
  readonly result: Readonly<Record<string, unknown>>;
}

/** The command `id` was declined. `retry_after_ms`: trying again can help after that; null: it cannot. */
export interface RefusedMessage {
  readonly type: "refused";
  readonly id: string | null;
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
  readonly retry_after_ms: number | null;
}

/** The last message before the server closes, with why and whether to come back (`retry_after_ms` not null). */
export interface Bye {
  readonly type: "bye";
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
  readonly retry_after_ms: number | null;
}

/** The room's row, whole. `what` says why: edited, locked, unlocked, messaged, start_reached, opening, opened, ended, deleted; host_here, host_absent, hosts_pinged (because somebody waits for one). To everybody inside. */
export interface RoomChangedEvent {
  readonly type: "room.changed";
  readonly room: RoomView;
  readonly what: string;
  readonly by: string | null;
  readonly seq: number;
}

/** Rows that are in the list now. `admitted`: they stood in the line before. To everybody inside. */
export interface ParticipantsJoinedEvent {
  readonly type: "participants.joined";
  readonly participants: readonly ParticipantView[];
  readonly admitted: boolean;
  readonly by: string | null;
  readonly seq: number;
}

/** Rows that changed in something other than the role: hands, names. To everybody inside. */
export interface ParticipantsUpdatedEvent {
  readonly type: "participants.updated";
  readonly participants: readonly ParticipantView[];
  readonly seq: number;
}

/** One row with its new role. To everybody inside; the person concerned gets `refresh` with it. */
export interface ParticipantRoleChangedEvent {
  readonly type: "participant.role_changed";
  readonly participant: ParticipantView;
  readonly old_role: Role;
  readonly new_role: Role;
  readonly by: string | null;
  readonly seq: number;
}

/** Rows that are gone. `reason`: left, removed, banned, sent_back. To everybody inside. */
export interface ParticipantsLeftEvent {
  readonly type: "participants.left";
  readonly participant_ids: readonly string[];
  readonly reason: string;
  readonly by: string | null;
  readonly seq: number;
}

/** Rows that a large room no longer tells of: these people are hosts no more, and still there. To everybody inside. */
export interface ParticipantsHiddenEvent {
  readonly type: "participants.hidden";
  readonly participant_ids: readonly string[];
  readonly seq: number;
}

/** Rows that are in the line now, or changed in it. To hosts. */
export interface WaitersAddedEvent {
  readonly type: "waiters.added";
  readonly waiters: readonly WaiterView[];
  readonly seq: number;
}

/** Rows that are no longer in the line. `reason`: admitted, declined, left, banned, removed. To hosts. */
export interface WaitersRemovedEvent {
  readonly type: "waiters.removed";
  readonly participant_ids: readonly string[];
  readonly reason: string;
  readonly by: string | null;
  readonly seq: number;
}

/** Somebody asks to use a claimed link on another device. To managers, and to moderators where the link is a viewer's or a speaker's. */
export interface DeviceRequestedEvent {
  readonly type: "device.requested";
  readonly request: DeviceRequestView;
  readonly seq: number;
}

/** That question is answered or void. To those who saw it. */
export interface DeviceRequestClosedEvent {
  readonly type: "device.request_closed";
  readonly invitation_id: string;
  readonly seq: number;
}

/** One invitation's row, whole. `what`: created, opened, claimed, extended, revoked, replaced, role, device_asked, device_refused, moved, released (taken from its devices), reminded. To managers. */
export interface InvitationChangedEvent {
  readonly type: "invitation.changed";
  readonly invitation: InvitationView;
  readonly what: string;
  readonly by: string | null;
  readonly seq: number;
}

/** One guest link's row, whole. `what`: created, edited, clicked. To managers. */
export interface GuestLinkChangedEvent {
  readonly type: "guest_link.changed";
  readonly guest_link: GuestLinkView;
  readonly what: string;
  readonly by: string | null;
  readonly seq: number;
}

/** A guest link is off, and lets nobody new in. To managers. */
export interface GuestLinkRemovedEvent {
  readonly type: "guest_link.removed";
  readonly guest_link_id: string;
  readonly by: string | null;
  readonly seq: number;
}

/** People who were invited came, went, or have another role: what that changes in their invitations' rows. To managers. */
export interface InvitationsPresenceEvent {
  readonly type: "invitations.presence";
  readonly rows: readonly InvitationPresenceView[];
  readonly seq: number;
}

/** Your role is another one now, and is enforced already. To the tabs of the person concerned, each of which answers with `ack` of `role_rev`. `reveal`: lists that you may see from now on; `forget`: lists that you may not. */
export interface RefreshEvent {
  readonly type: "refresh";
  readonly role: Role;
  readonly old_role: Role;
  readonly role_rev: number;
  readonly permissions: Permission[];
  readonly by: string | null;
  readonly reveal: Revealed | null;
  readonly forget: readonly string[];
  readonly token: string;
  readonly token_expires_at_ms: number;
  readonly seq: number;
}

export type ServerMessage = Challenge | Welcome | Events | Resync | Entered | Lobby | Tick | Applied | Counts | Hands | Own | Line | Roster | Stale | FeaturesChanged | Result | RefusedMessage | Bye;

export type RoomEvent = RoomChangedEvent | ParticipantsJoinedEvent | ParticipantsUpdatedEvent | ParticipantRoleChangedEvent | ParticipantsLeftEvent | ParticipantsHiddenEvent | WaitersAddedEvent | WaitersRemovedEvent | DeviceRequestedEvent | DeviceRequestClosedEvent | InvitationChangedEvent | GuestLinkChangedEvent | GuestLinkRemovedEvent | InvitationsPresenceEvent | RefreshEvent;

/** Every command: what it takes beside its id, and what its answer holds. */
export interface Commands {
  /** Send me the room whole: answered by `resync` (in the lobby by `lobby`) and a result. */
  "sync": { fields: {}; result: NothingResult };
  /** A fresh session token: `token`, `token_expires_at_ms`. */
  "token.renew": { fields: {}; result: TokenRenewResult };
  /** This tab goes for good: no grace. */
  "leave": { fields: {}; result: NothingResult };
  /** Move somebody to another role. Hosts. Answers `role_rev`, `expected` tabs, `changed`. */
  "role.change": { fields: { participant_id: string; role: "viewer" | "speaker" | "moderator"; }; result: RoleChangeResult };
  /** Raise the own hand. */
  "hand.raise": { fields: {}; result: HandsResult };
  /** Lower the own hand, or, for hosts, somebody's. */
  "hand.lower": { fields: { participant_id?: string | null; }; result: HandsResult };
  /** Lower all hands. Hosts. */
  "hands.clear": { fields: {}; result: HandsResult };
  /** New arrivals wait in line from now on. Hosts. */
  "room.lock": { fields: {}; result: NothingResult };
  /** Arrivals walk in, and the line is let in. Hosts. */
  "room.unlock": { fields: {}; result: NothingResult };
  /** Change the room's settings; what is left out stays as it is. Managers. A new start moves all countdowns, and with null there is none: a host opens the room. `ends_at_ms` only informs. `capacity`: null takes the limit away; nobody is put out by a lower one. `host_absence_s`: 0 is for ever. `moderators_invite`, `speakers_initiate`: those concerned get `refresh`. */
  "room.edit": { fields: { title?: string; description?: string | null; starts_at_ms?: number | null; ends_at_ms?: number | null; opens?: "at_start" | "by_host"; access?: "members" | "channel_members" | "invited"; cnc?: boolean; early_entry_s?: number; link_ttl_s?: number; link_devices?: number; email_proof?: "typed" | "code"; reopen_s?: number; moderators_invite?: boolean; speakers_initiate?: boolean; rename?: boolean; guest_access?: boolean; allowed_domains?: readonly string[]; blocked_domains?: readonly string[]; capacity?: number | null; host_absence_s?: number; }; result: NothingResult };
  /** The room and everything in it goes. Managers. */
  "room.delete": { fields: {}; result: NothingResult };
  /** Open the session now. Hosts. */
  "session.start": { fields: {}; result: SessionStartResult };
  /** End the session for everybody. Hosts. */
  "session.end": { fields: {}; result: NothingResult };
  /** Go on with a session that has ended, while the room's `reopen_s` lasts. Hosts, in the lobby: who may sees `can_reopen`. */
  "session.reopen": { fields: {}; result: NothingResult };
  /** Take another name, where the room allows it (`rename`). People inside and in the line, for themselves. Answers `name` as it is shown. */
  "person.rename": { fields: { name: string; }; result: PersonRenameResult };
  /** Let these waiters in, in this order. Hosts. Answers `admitted`, `already_decided` and `full` (for whom there was no seat), three lists of ids; when nobody came in, the command is refused with `room_full` or `already_decided`. */
  "lobby.admit": { fields: { participant_ids: readonly string[]; }; result: LobbyAdmitResult };
  /** Let in everybody who waits now, while there are seats; the lock stays. Hosts. Answers `admitted`, a number, and `full`: for how many there was no seat. When there was one for nobody, the command is refused with `room_full`. */
  "lobby.admit_all": { fields: {}; result: LobbyAdmitAllResult };
  /** Send a waiter away, with an optional message. Hosts. */
  "lobby.decline": { fields: { participant_id: string; message?: string | null; }; result: NothingResult };
  /** From the room into the line. Hosts. */
  "lobby.send_back": { fields: { participant_id: string; }; result: NothingResult };
  /** What everybody in the lobby reads; null takes it away. Hosts. */
  "lobby.message": { fields: { text: string | null; }; result: NothingResult };
  /** Leave the line. Waiters, in the lobby. */
  "lobby.withdraw": { fields: {}; result: NothingResult };
  /** Ask again, after having been declined (once) or removed. In the lobby. */
  "lobby.knock": { fields: {}; result: NothingResult };
  /** Out of the room now; the way back is the line. Hosts. */
  "participant.remove": { fields: { participant_id: string; }; result: NothingResult };
  /** Out, and refused until the session ends; an invitation issued later lifts it. Hosts. */
  "participant.ban": { fields: { participant_id: string; }; result: NothingResult };
  /** Invite somebody. Managers. Answers `invitation_id`, `link`, `replaced` (an invitation id or null). `at_once`: if they are inside under a proven address, the role is theirs now. `send_email`: the link goes to them by e-mail, in `language` where there is a template of it. `link_devices`: on how many devices it can be used, -1 for any; null: as the room says. */
  "invitation.create": { fields: { email: string; first_name: string; last_name: string; role: "viewer" | "speaker" | "moderator"; at_once?: boolean; send_email?: boolean; language?: string | null; link_devices?: number | null; }; result: InvitationCreateResult };
  /** The same link again: answers `link`. Managers. */
  "invitation.link": { fields: { invitation_id: string; }; result: InvitationLinkResult };
  /** Mail the link again, at most once a minute; at once where the last mail failed. Managers. */
  "invitation.send": { fields: { invitation_id: string; }; result: InvitationSendResult };
  /** Withdraw an invitation; `remove`: and put the person out. Managers. */
  "invitation.revoke": { fields: { invitation_id: string; remove?: boolean; }; result: NothingResult };
  /** Claimable for another `link_ttl_s` from now. Managers. */
  "invitation.extend": { fields: { invitation_id: string; }; result: InvitationExtendResult };
  /** Another role for the invitation, and at once for the person who claimed it. Managers. */
  "invitation.role": { fields: { invitation_id: string; role: "viewer" | "speaker" | "moderator"; }; result: NothingResult };
  /** Invite several at once, or as a dry run hear what would become of each. For those who may invite. A row that cannot be done stops no other, and one that comes again makes nothing twice. */
  "invitation.bulk": { fields: { rows: readonly BulkRow[]; dry_run?: boolean; }; result: InvitationBulkResult };
  /** People of the site's directory of whom each word of `text` begins a name or the address. For those who may invite. Answers `suggestions`: at most eight of `email`, `first_name`, `last_name`. */
  "people.suggest": { fields: { text: string; }; result: PeopleSuggestResult };
  /** Yes to a request to use the link on another device: the claim moves. Managers; moderators for viewers' and speakers' links. */
  "device.allow": { fields: { invitation_id: string; request_id: string; }; result: NothingResult };
  /** No to it. */
  "device.refuse": { fields: { invitation_id: string; request_id: string; }; result: NothingResult };
  /** A link for anybody, as a viewer; three of a room can be on. Managers. `max_clicks`, `valid_days`: 0 is no limit. Answers `guest_link_id`, `link`, `expires_at_ms`. */
  "guest_link.create": { fields: { name: string; max_clicks?: number; valid_days?: number; }; result: GuestLinkCreateResult };
  /** The same link again: answers `link`. Managers. */
  "guest_link.link": { fields: { guest_link_id: string; }; result: GuestLinkLinkResult };
  /** Another name or other limits: null leaves a thing as it is, 0 is no limit; days count from now. Managers. Answers `expires_at_ms`. */
  "guest_link.edit": { fields: { guest_link_id: string; name?: string | null; max_clicks?: number | null; valid_days?: number | null; }; result: GuestLinkEditResult };
  /** Switch a guest link off for good: nobody new comes in by it, and who is inside stays. Managers. */
  "guest_link.delete": { fields: { guest_link_id: string; }; result: NothingResult };
  /** Would this address get in? Managers. Answers `allowed`, and `decided_by` (`scope` site or room, `list` allowed or blocked, `rule`, null where no rule of the allowed list covers it) or null where no rule says anything. */
  "domain.check": { fields: { email: string; }; result: DomainCheckResult };
  /** The room's own `allowed_domains` and `blocked_domains`. Managers. */
  "domain.rules": { fields: {}; result: DomainRulesResult };
  /** Who did what in the room, the newest first. Managers. `before`: only what is older than that seq. Answers `entries` and `next_before`, null where there is nothing older. */
  "audit.page": { fields: { before?: number | null; limit?: number; }; result: AuditPageResult };
  /** Take the link from the devices that have it: they are told that it moved, and the invited address may claim it again. Managers. */
  "invitation.release": { fields: { invitation_id: string; }; result: NothingResult };
  /** Remind those who are invited and have not come yet, by e-mail, each at most once in ten minutes: these, or all. Managers. Answers `reminded`, and `skipped` with a code each; where one alone was named, its code is the refusal. */
  "invitation.remind": { fields: { invitation_ids?: readonly string[] | null; }; result: InvitationRemindResult };
  /** A page of the people inside, by name, of the hands by their instants. `search`: words that words of the name begin with, whatever the accents. Answers `participants`, `total`, `next_cursor`. */
  "participants.page": { fields: { group?: "hands" | "hosts" | "speakers" | "viewers" | "all"; cursor?: string | null; limit?: number; search?: string | null; }; result: ParticipantsPageView };
  /** Send me this page as `roster`, now and when it changes; null: no longer. One page a connection; on a new connection, and after the lobby, it is to be asked for again. */
  "participants.watch": { fields: { page: WatchedPage | null; }; result: NothingResult };
  /** A page of the line. Hosts. Answers `waiters`, `total`, `next_cursor`. */
  "waiters.page": { fields: { cursor?: string | null; limit?: number; search?: string | null; }; result: WaitersPageView };
}

// ── What the library adds: written by hand in server/wire/client_api.d.ts ────────────────────────────────────────────

/** A "no". The code is stable, the sentence is not. */
export class Refused extends Error {
  constructor(refusal: {
    code: string; message: string; next_step?: string; retry_after_ms?: number | null; status?: number | null; requestId?: string | null;
  });
  readonly code: RefusalCode | (string & {});
  /** What to do next, for the person. */
  readonly nextStep: string;
  /** Trying again can help after that; null: it cannot. */
  readonly retryAfterMs: number | null;
  /** The status, where it came over HTTP. */
  readonly status: number | null;
  /** The command's id: ask again under it, and what was done already is not done twice. */
  readonly requestId: string | null;
  readonly isTransient: boolean;
}

/** This browser profile's key, which never leaves it. */
export interface Device {
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  sign(text: string): Promise<string>;
}

/**
 * The device's key, made at the first call and kept in IndexedDB. Null where the browser can keep none (no WebCrypto outside
 * https, storage refused or silent for `limitMs`): the server's cookie alone stands for the device then.
 */
export function openDevice(options?: { limitMs?: number }): Promise<Device | null>;

/** The server's clock as a signed offset to the tab's own; one may be shared by several clients and links. */
export class ServerClock {
  constructor(time?: { now?: () => number; steady?: () => number });
  mark(): number;
  sample(now_ms: number, mark?: number | null): void;
  readonly offset_ms: number;
  now_ms(): number;
}

/** What a client needs of a websocket. */
export interface Socket {
  readonly readyState: number;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What a client needs of time; `after` answers how to call it off. */
export interface Time {
  now(): number;
  steady(): number;
  after(delay_ms: number, act: () => void): () => void;
}

export interface RoomClientOptions {
  /**
   * A token for this person: a session token (from sign-in or a claim) or a lobby token. Asked at the start, with `refusal`
   * null or `unreachable`, and again when the server says that the token is no longer good; the client renews a good one by
   * itself. Throw a Refused to end the client. A transient one (`unreachable`, `busy`) is waited for and asked again, unless it
   * says that the sign-in itself is over: `token_expired`, `token_invalid` and `proof_invalid` end it. What else is thrown is
   * told as `error` and tried again.
   */
  getToken(why: { refusal: Refused | null }): Promise<string> | string;
  /** The server's address; default: this page's own. */
  url?: string;
  /** The key that the link was claimed with; null where it was a cookie alone, or a sign-in. */
  device?: Device | null;
  transport?: (address: string, protocols: string[]) => Socket;
  clock?: ServerClock | null;
  time?: Time;
  /** From 0 to 1; spreads the ways back. */
  random?: () => number;
  /** How long a command waits for its answer; default 15 s. */
  commandLimitMs?: number;
}

/**
 * `idle` before `connect()`; `connecting`: for the first time; `connected`; `reconnecting`: what is shown may be old, and the
 * client comes back by itself; `ended`: it does not.
 */
export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting" | "ended";

/** Why a row came, changed or went beside what the server says: a copy was replaced, or a role shows more or less. */
export type RowReason = "synced" | "resumed" | "welcome" | "entered" | "left" | "revealed" | "forgotten" | "hidden" | "role" | "line" | (string & {});

/** A row that came, changed or went. `before`: as it was; null where it is new. `by`: whose doing, a participant id. */
export interface RowChange {
  readonly reason: RowReason | null;
  readonly by: string | null;
}
export interface ParticipantChange extends RowChange { readonly participant: ParticipantView; readonly before: ParticipantView | null; readonly admitted?: boolean }
export interface WaiterChange extends RowChange { readonly waiter: WaiterView; readonly before: WaiterView | null }
export interface InvitationChange extends RowChange { readonly invitation: InvitationView; readonly before: InvitationView | null }
export interface GuestLinkChange extends RowChange { readonly guestLink: GuestLinkView; readonly before: GuestLinkView | null }
export interface DeviceRequestChange extends RowChange { readonly request: DeviceRequestView; readonly before: DeviceRequestView | null }

/** Everything is in its place before anything is told; a copy kept by these events alone equals the lists. */
export interface ClientEvents {
  /** `willRetry`: the client comes back by itself, at `retryAtMs` of this tab's clock; null: it is trying now. */
  stateChanged: { readonly state: ConnectionState; readonly reason: Refused | null; readonly willRetry: boolean; readonly retryAtMs: number | null };
  /** Something that can be seen has changed: draw again. Comes after the other events of a message, once; not for a `tick`. */
  changed: Readonly<Record<string, never>>;
  /** The room is here whole. `reason`: welcome, resumed, entered (from the lobby), or the server's (sync, gap, role, …). */
  synced: { readonly reason: string };
  /** What a waiting tab shows. `left`: it was inside until now; removed or sent_back. */
  lobbyChanged: { readonly lobby: LobbyView; readonly left: string | null };
  /** From the lobby into the room. */
  admitted: Readonly<Record<string, never>>;
  declined: { readonly message: string | null; readonly canKnock: boolean };
  /** Put out of the room into the lobby. */
  removed: { readonly reason: string };
  /** One's own role, enforced already. Nothing is to be loaded again. */
  roleChanged: { readonly from: Role; readonly to: Role; readonly by: string | null; readonly permissions: readonly Permission[] };
  roomChanged: { readonly room: RoomView; readonly before: RoomView | null; readonly what: string; readonly by: string | null };
  participantJoined: ParticipantChange;
  participantUpdated: ParticipantChange;
  participantLeft: ParticipantChange;
  /** Of a long line of those in `waiters`, its head, with the reason `line`: who is removed from it may wait further back. */
  waiterAdded: WaiterChange;
  waiterUpdated: WaiterChange;
  waiterRemoved: WaiterChange;
  /** New or another; `reason` is what happened to it: created, opened, claimed, … */
  invitationChanged: InvitationChange;
  invitationRemoved: InvitationChange;
  guestLinkChanged: GuestLinkChange;
  guestLinkRemoved: GuestLinkChange;
  deviceRequested: DeviceRequestChange;
  deviceRequestClosed: DeviceRequestChange;
  /** How far a role that was given here has reached. */
  applied: { readonly applied: Applied };
  tick: { readonly tick: Tick };
  stale: { readonly stale: Stale };
  /** The newest token, to be kept over a reload. */
  token: { readonly token: string; readonly expiresAtMs: number };
  /** `getToken` broke with something that is no refusal. */
  error: { readonly error: unknown };
}

/** A room as one tab has it. Lists are frozen arrays: the same one until something in it changes. */
export class RoomClient {
  constructor(options: RoomClientOptions);

  /** Start; answers where this person is. Rejected where the way in ends. */
  connect(): Promise<"inside" | "lobby">;
  /** Stop, without saying `leave`: the seat is kept for the grace. Also from within a listener. */
  disconnect(): void;
  /** Go for good. */
  leave(): Promise<void>;

  readonly state: ConnectionState;
  readonly reason: Refused | null;
  readonly willRetry: boolean;
  readonly retryAtMs: number | null;

  /** Where this person is; null before the first welcome. It stays while the client reconnects. */
  readonly place: "inside" | "lobby" | null;
  readonly me: YouView | null;
  /** Inside; else null. */
  readonly room: RoomView | null;
  /** In the lobby; else null. */
  readonly lobby: LobbyView | null;
  /** In a large room only the hosts; see counts, hands and roster. */
  readonly participants: readonly ParticipantView[];
  /** Null where the role does not show it, as the others below. Of a long line only its head; see waiterCount. */
  readonly waiters: readonly WaiterView[] | null;
  readonly waiterCount: number | null;
  readonly deviceRequests: readonly DeviceRequestView[] | null;
  readonly invitations: readonly InvitationView[] | null;
  readonly guestLinks: readonly GuestLinkView[] | null;
  readonly isLarge: boolean;
  readonly counts: Omit<Counts, "type"> | null;
  readonly hands: Omit<Hands, "type"> | null;
  /** The page that is watched. */
  readonly roster: Omit<Roster, "type"> | null;
  /** How far the roles given here have reached, by participant id. */
  readonly applied: ReadonlyMap<string, Applied>;
  readonly features: Features | null;
  /** Set while the server cannot reach its store. */
  readonly stale: Stale | null;
  readonly tick: Tick | null;
  readonly position: Position | null;
  readonly clock: ServerClock;

  may(permission: Permission): boolean;
  /** Somebody's row, as far as this tab has it. */
  participant(participantId: string): ParticipantView | null;
  /** The server's time, epoch ms. */
  now(): number;
  /** How long until an instant of the server's; never below 0. */
  remainingMs(instant_ms: number): number;
  /** Exactly what the server would send now. */
  toSnapshot(): SnapshotView | null;

  /** Answers how to stop listening. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): () => void;
  off<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): void;

  /**
   * Ask for something to be done. It is sent again under the same id on every new connection, and happens once. Rejected with
   * a Refused: the server's no; `unconfirmed`: no answer came in time; `not_sent`: there was no connection all the time;
   * `too_large`: it is more than the server takes, and was not sent.
   */
  command<Type extends keyof Commands>(
    type: Type,
    ...rest: {} extends Commands[Type]["fields"]
      ? [fields?: Commands[Type]["fields"], options?: CommandOptions]
      : [fields: Commands[Type]["fields"], options?: CommandOptions]
  ): Promise<Commands[Type]["result"] & { readonly seq: number | null }>;

  /** Watch a page of a large room: it is `roster`, now and when it changes; null: no longer. */
  watch(page: WatchedPage | null): void;
}

export interface CommandOptions {
  /** An id of one's own, to ask again after `unconfirmed`. */
  id?: string;
  limitMs?: number;
}
