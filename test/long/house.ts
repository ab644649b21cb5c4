import { FLOORS, readHouse } from '../support/house.js';

/** Prints the house: its floors from the top down, what runs up, and the figures. `npm run house` */
const { rooms, arrows, up, circles } = readHouse();
const total = (count: (room: (typeof rooms)[number]) => number) => rooms.reduce((sum, room) => sum + count(room), 0);
for (const [at, floor] of FLOORS.entries()) {
  const told = floor.flatMap((name) => rooms.filter((room) => room.name === name));
  const texts = told.map(
    ({ name, files, lines }) => `${name} (${files === 1 ? '' : `${files} files, `}${lines} lines)`,
  );
  process.stdout.write(`${String(FLOORS.length - at).padStart(3)}  ${texts.join(', ')}\n`);
}
const elsewhere = rooms.filter(({ name }) => !FLOORS.flat().includes(name));
for (const { name, files, lines } of elsewhere) process.stdout.write(`  -  ${name} (${files} files, ${lines} lines)\n`);
for (const { shownBy } of up) process.stdout.write(`up: ${shownBy}\n`);
for (const circle of circles) process.stdout.write(`circle: ${circle.join(', ')}\n`);
process.stdout.write(
  `${rooms.length} rooms, ${arrows.length} arrows, ${up.length} up, ${circles.length} circles, ` +
    `${total(({ files }) => files)} files, ${total(({ lines }) => lines)} lines\n`,
);
