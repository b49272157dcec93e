import { readFile, stat } from "node:fs/promises";
import path from "node:path";

/** Who Postgres runs as. */
export interface PostgresUser {
  name: string;
  uid: number;
  gid: number;
}

const ROOT = 0;
const ANY_MAY_ENTER = 0o001;

/**
 * Postgres refuses to run as root. So root runs it as the owner of the data folder that is there
 * already, else as `postgres`, else as `nobody`. Null for everybody else: it runs as ourselves.
 */
export async function choosePostgresUser(dataFolder: string): Promise<PostgresUser | null> {
  if (process.getuid?.() !== ROOT) return null;
  const users = await readUsers();
  const folder = await stat(dataFolder).catch(() => null);
  if (folder !== null && folder.uid !== ROOT) {
    const owner = users.find(({ uid }) => uid === folder.uid);
    return owner ?? { name: `user ${folder.uid}`, uid: folder.uid, gid: folder.gid };
  }
  for (const name of ["postgres", "nobody"]) {
    const user = users.find((known) => known.name === name);
    if (user !== undefined) return user;
  }
  return { name: "user 65534", uid: 65_534, gid: 65_534 };
}

/** The first folder on the way to `target` that the user may not enter, or null. */
export async function findClosedFolder(target: string, user: PostgresUser): Promise<string | null> {
  for (const folder of parentsOf(target)) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & ANY_MAY_ENTER) === 0) return folder;
  }
  return null;
}

function parentsOf(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [] : [...parentsOf(parent), parent];
}

async function readUsers(): Promise<PostgresUser[]> {
  // A minimal container may have no such file.
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  return passwd.split("\n").map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}
