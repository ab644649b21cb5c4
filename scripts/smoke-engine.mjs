// What runs containers here: docker, podman, or a program that does as `container-lab` does: `run …`, `podman …`, `build TAG DIR ARG…`,
// and `base NAME`, which makes a stand-in for a base image where there is no registry.
import { execa } from 'execa';

const BASES = { NODE_IMAGE: 'node:20-bookworm-slim', DEBIAN_IMAGE: 'debian:bookworm-slim' };

/** By CONTAINER_LAB, else the first of docker, podman, container-lab that works. */
export async function findEngine({ CONTAINER_LAB } = process.env) {
  if (CONTAINER_LAB) return lab(CONTAINER_LAB);
  for (const program of ['docker', 'podman']) if (await works(program, ['info'])) return direct(program);
  if (await works('container-lab', ['images'])) return lab('container-lab');
  throw new Error('no engine for containers here: install docker or podman, or name a container-lab by CONTAINER_LAB');
}

async function works(program, words) {
  const { failed } = await execa(program, words, { reject: false, stdio: 'ignore' });
  return !failed;
}

function direct(program) {
  return {
    name: program,
    command: (words, options) => execa(program, words, options),
    // The format in which HEALTHCHECK is kept; docker has no other.
    build: (tag, folder, words) =>
      execa(program, ['build', ...(program === 'podman' ? ['--format', 'docker'] : []), ...words, '-t', tag, folder]),
    prepareBases: async () => undefined,
  };
}

function lab(program) {
  const command = ([first, ...words], options) =>
    first === 'run' ? execa(program, ['run', ...words], options) : execa(program, ['podman', first, ...words], options);
  const standIns = Object.entries(BASES).flatMap(([argument, name]) => ['--build-arg', `${argument}=${name}`]);
  return {
    name: `${program} (stand-in bases)`,
    command,
    build: (tag, folder, words) => execa(program, ['build', tag, folder, '--format', 'docker', ...standIns, ...words]),
    async prepareBases() {
      for (const name of Object.values(BASES)) {
        const { failed } = await command(['image', 'exists', name], { reject: false });
        if (failed) await execa(program, ['base', name], { stdio: 'inherit' });
      }
    },
  };
}
