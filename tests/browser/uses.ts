/** A front end as its developer would write it: the compiler must take all of it, and refuse each line that is marked. */

// @ts-types="../../server/web/pages/client/greenroom-client.d.ts"
import { openDevice, Refused, RoomClient } from "../../server/web/pages/client/greenroom-client.js";
// @ts-types="../../server/web/pages/client/greenroom-link.d.ts"
import { InvitationLink, readLink } from "../../server/web/pages/client/greenroom-link.js";
// @ts-types="../../server/web/pages/client/greenroom-client-testing.d.ts"
import { FakeTime, FakeTransport, makeParticipant, makeSnapshot, makeWelcome } from "../../server/web/pages/client/greenroom-client-testing.js";

export async function claimAndEnter(href: string, email: string): Promise<RoomClient> {
  const parts = readLink(href);
  if (parts === null) throw new Error("no link");
  const device = await openDevice();
  const link = new InvitationLink({ ...parts, device });
  await link.look();
  const session = await link.claim({ email });
  const client = new RoomClient({ url: parts.url, device, getToken: async ({ refusal }) => (refusal ? (await link.claim()).token : session.token) });
  const place: "inside" | "lobby" = await client.connect();
  console.log(place, client.remainingMs(client.lobby?.enter_at_ms ?? 0));
  return client;
}

export function listen(client: RoomClient): () => void {
  client.on("roleChanged", ({ from, to, permissions }) => console.log(from === "viewer", to, permissions.includes("admit")));
  client.on("participantLeft", ({ participant, reason }) => console.log(participant.name.length, reason));
  client.on("stateChanged", ({ state, reason, willRetry }) => console.log(state === "reconnecting", reason?.code, willRetry));
  const stop = client.on("waiterAdded", ({ waiter }) => console.log(waiter.line_no));
  // @ts-expect-error there is no such event
  client.on("waiterJoined", () => {});
  // @ts-expect-error a waiter has no such field
  client.on("waiterAdded", ({ waiter }) => waiter.nickname);
  return stop;
}

export async function act(client: RoomClient): Promise<string> {
  try {
    const changed = await client.command("role.change", { participant_id: "p2", role: "moderator" });
    console.log(changed.expected + changed.role_rev, changed.seq);
    await client.command("hand.raise");
    await client.command("hand.lower", {}, { limitMs: 1_000 });
    const { link, replaced } = await client.command("invitation.create", {
      email: "grace@example.org", first_name: "Grace", last_name: "Hopper", role: "speaker",
    });
    // @ts-expect-error nobody is made a manager
    await client.command("role.change", { participant_id: "p2", role: "manager" });
    // @ts-expect-error the room is left out of nothing: a title is text
    await client.command("room.edit", { title: 7 });
    // @ts-expect-error it needs its fields
    await client.command("lobby.admit");
    // @ts-expect-error there is no such command
    await client.command("lobby.admits", {});
    // @ts-expect-error lists are read only
    client.participants.push(makeParticipant("p3"));
    // @ts-expect-error and so are rows
    client.participants[0].name = "Somebody else";
    return replaced ?? link;
  } catch (error) {
    if (error instanceof Refused && error.code === "role_forbidden") return error.nextStep;
    throw error;
  }
}

export async function testsIt(): Promise<void> {
  const server = new FakeTransport();
  const time = new FakeTime();
  const client = new RoomClient({ url: "http://localhost", getToken: async () => "t", transport: server.transport, time, random: () => 0.5 });
  const arrival = client.connect();
  await server.welcome(makeWelcome({ snapshot: makeSnapshot({ participants: [makeParticipant("p1", { role: "speaker" })] }) }));
  await arrival;
}
