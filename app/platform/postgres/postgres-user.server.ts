import { constants, type Stats } from "node:fs";
import { lchown, lstat, open, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";

/** `message` says what an operator can do. */
export class EmbeddedPostgresError extends Error {
  override name = "EmbeddedPostgresError";
  code = "embedded_postgres_failed";
}

/** The user that Postgres runs as. */
export interface PostgresUser {
  name: string;
  uid: number;
  gid: number;
}

const ROOT = 0;
const ANY_MAY_ENTER = 0o001;

/**
 * Finds the user for Postgres, which refuses to run as root. Root runs it as the owner of an
 * existing data folder, otherwise as `postgres`, never as `nobody`: other programs run as `nobody`
 * too, and would reach the database's files. Null when we are not root: it runs as ourselves. A
 * folder that became root's is given back.
 *
 * @throws EmbeddedPostgresError
 */
export async function choosePostgresUser(dataFolder: string): Promise<PostgresUser | null> {
  const folder = await lstat(dataFolder).catch(() => null);
  if (folder !== null && !folder.isDirectory()) {
    throw new EmbeddedPostgresError(`${dataFolder} is no folder: choose another DATA_DIR`);
  }
  const ourselves = process.getuid?.();
  if (ourselves !== ROOT) {
    if (folder === null || ourselves === undefined || folder.uid === ourselves) return null;
    throw new EmbeddedPostgresError(
      `${dataFolder} belongs to user ${folder.uid}, and this process is user ${ourselves}: start as that user, or give it to this one (chown -R ${ourselves} ${dataFolder})`,
    );
  }
  const users = await readUsers();
  const owner = users.find(({ uid }) => uid === folder?.uid);
  if (folder !== null && folder.uid !== ROOT) {
    return owner ?? { name: `user ${folder.uid}`, uid: folder.uid, gid: folder.gid };
  }
  const user = users.find(({ name }) => name === "postgres");
  if (user === undefined) {
    throw new EmbeddedPostgresError(
      "Postgres refuses to run as root, and there is no user postgres to run it as: make one (useradd --system postgres), start as a normal user, or set DATABASE_URL",
    );
  }
  if (folder !== null) await giveTo(dataFolder, folder, user);
  return user;
}

/** Follows no link, and rejects folders that a third user can write to: root could be led elsewhere. */
async function giveTo(target: string, found: Stats, user: PostgresUser): Promise<void> {
  const isTrusted = found.uid === ROOT || found.uid === user.uid;
  if (!isTrusted || (found.isFile() && found.nlink > 1)) {
    throw new EmbeddedPostgresError(
      `${target} does not belong to root: give the whole data folder to ${user.name} by hand (chown -R)`,
    );
  }
  if (found.isDirectory() && found.uid === ROOT) {
    for (const name of await readdir(target)) {
      const inside = path.join(target, name);
      await giveTo(inside, await lstat(inside), user);
    }
  }
  await lchown(target, user.uid, user.gid);
}

/** Reads a text file of Postgres; null when there is none. Root follows no link that its user made. */
export async function readOwnFile(
  file: string,
  user: PostgresUser | null,
  fromByte = 0,
): Promise<string | null> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (handle === null) return null;
  try {
    const { nlink, uid } = await handle.stat();
    if (user !== null && (nlink > 1 || uid !== user.uid)) return null;
    const bytes = await handle.readFile();
    return bytes.toString("utf8", fromByte);
  } finally {
    await handle.close();
  }
}

/** The first folder on the way to `target` that the user may not enter, or null. */
export async function findClosedFolder(target: string, user: PostgresUser): Promise<string | null> {
  for (const folder of listParents(target)) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & ANY_MAY_ENTER) === 0) return folder;
  }
  return null;
}

function listParents(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [] : [...listParents(parent), parent];
}

async function readUsers(): Promise<PostgresUser[]> {
  // A minimal container may have no such file.
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  return passwd.split("\n").map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}
