import type { RandomBytes } from '../../protocol/ids.ts';

/** Words that anybody can read out and nobody minds being called; sixty-four each, so that six bits choose one. */
const manners =
  'agile amber bold brave bright brisk calm candid clever cosmic crisp curious daring deft eager early ' +
  'easy fair fancy fearless fleet fond frank free fresh gentle glad golden graceful grand happy hardy ' +
  'honest humble jolly keen kind lively loyal lucky mellow merry mighty modest neat nimble noble patient ' +
  'plucky polite proud quick quiet ready shiny silver smart sober steady sunny swift tidy witty zesty';
const animals =
  'badger bear beaver bison camel cat cheetah cobra condor crane cricket crow deer dingo dolphin dove ' +
  'duck eagle egret elk falcon ferret finch fox frog gecko goat goose hare hawk heron ibis jackal jaguar ' +
  'kiwi koala lark lemur lion lizard llama lynx magpie marten mole moose newt ocelot osprey otter owl ' +
  'panda parrot puffin quail rabbit raven robin salmon seal swan tiger walrus wren';

const choices = { manners: manners.split(' '), animals: animals.split(' ') } as const;

/** `brisk-otter-417`: one of four million, and easy to tell somebody. Not meant to be unguessable. */
export function guestName(randomBytes: RandomBytes): string {
  const [one = 0, two = 0, three = 0, four = 0] = randomBytes(4);
  const manner = choices.manners[one & 63] ?? '';
  const animal = choices.animals[two & 63] ?? '';
  return `${manner}-${animal}-${100 + ((three * 256 + four) % 900)}`;
}
