/** Invented guests. First and last names are common ones put together by chance; addresses are in domains kept for examples. */
import type { GuestDetails } from '../../../shared/routes/reservations.ts'
import type { Chance } from './chance.ts'

const NAMES: readonly { first: readonly string[]; last: readonly string[] }[] = [
  {
    first: ['Ana', 'Beatriz', 'Diogo', 'Inês', 'João', 'Mariana', 'Rui', 'Tiago'],
    last: ['Almeida', 'Carvalho', 'Fonseca', 'Lopes', 'Moreira', 'Reis', 'Teixeira', 'Vaz'],
  },
  {
    first: ['Anna', 'Beat', 'Florian', 'Katharina', 'Lukas', 'Regula', 'Simon', 'Ursina'],
    last: ['Caduff', 'Frei', 'Hofer', 'Keller', 'Meier', 'Schäfer', 'Vonmoos', 'Zürcher'],
  },
  {
    first: ['Alice', 'Daniel', 'Emma', 'George', 'Niamh', 'Oliver', 'Rachel', 'Thomas'],
    last: ['Byrne', 'Clarke', 'Evans', 'Hughes', "O'Connor", 'Parker', 'Shaw', 'Wood'],
  },
  {
    first: ['Camille', 'Chiara', 'Elena', 'Javier', 'Léa', 'Marco', 'Mathieu', 'Paula'],
    last: ['Bernard', 'Conti', 'García', 'Lefèvre', 'Moretti', 'Navarro', 'Petit', 'Ruiz'],
  },
  {
    first: ['Aiko', 'Amira', 'Astrid', 'Jakub', 'Mei', 'Nikhil', 'Sofie', 'Zofia'],
    last: ['Andersen', 'Haddad', 'Kowalska', 'Lindqvist', 'Mehta', 'Nakamura', 'Novák', 'Tan'],
  },
]

/** A guest for booking number `index`, with an address nobody else of the same hotel has. */
export function guestFor(chance: Chance, index: number): GuestDetails {
  const from = chance.pick(NAMES)
  const [firstName, lastName] = [chance.pick(from.first), chance.pick(from.last)]
  const mailbox = `${firstName}.${lastName}${index}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase()
  return { firstName, lastName, email: `${mailbox}@guests.example` }
}
