/** Types of greenroom-link.js: what an invitee's page does with a link. */

import type { Device, LobbyRoomView, Refused, ServerClock } from "./greenroom-client.d.ts";

/** The parts of `<site>/join/<room_id>#<secret>`; null where it is no such link. */
export function readLink(href: string): { url: string; roomId: string; secret: string } | null;

export interface LinkLook {
  /** `email_entry`, `claimed_here`, `used_on_another_device`, `moved`; of a guest link `guest_entry` or `claimed_here`. */
  readonly state: string;
  readonly room: LobbyRoomView;
  readonly nonce: string;
  /** Says hello as a page whose address is not proven yet; not of a guest link. */
  readonly lobby_token?: string;
  readonly now_ms: number;
  /** `typed` or `code`; not of a guest link. */
  readonly email_proof?: string;
}

export interface ClaimFields {
  email?: string;
  /** Of a guest. */
  name?: string;
  /** The site's sign-in, in place of the address. */
  site_token?: string;
  /** The mailed code, where `email_proof` is `code`. */
  code?: string;
}

/** What this device says of itself to the host who decides whether it may use the link, unless `ask` is given a `label`. */
export function deviceLabel(): string;

export class InvitationLink {
  constructor(options: { roomId: string; secret: string; device?: Device | null; url?: string; clock?: ServerClock });
  readonly isGuest: boolean;
  /** The last answer to `look`; null before. */
  readonly seen: LinkLook | null;
  /** Uses nothing up; tries until it is answered. */
  look(options?: { onWait?: (refusal: Refused) => void }): Promise<LinkLook>;
  /** `isBound`: give the client the same device. */
  claim(fields?: ClaimFields): Promise<{ token: string; expiresAtMs: number; participantId: string; isBound: boolean }>;
  askForCode(email: string): Promise<{ again_in_ms: number; good_for_ms: number }>;
  ask(fields: ClaimFields & { label?: string }): Promise<{ request_id: string; status: string }>;
}
