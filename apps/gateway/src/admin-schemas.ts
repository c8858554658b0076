import { AdminBlock } from '@latchkey/contracts/admin'
import { Nullable } from '@latchkey/contracts/ids'
import Type from 'typebox'
import { exampleAdminBlock, exampleSession, exampleUser } from './examples.ts'
import { Session, User } from './schemas.ts'

export const Block = Type.Object(AdminBlock.properties, {
  description: 'A block by an admin',
  examples: [exampleAdminBlock]
})

const exampleAdministeredUser = { ...exampleUser, block: exampleAdminBlock }

export const AdministeredUser = Type.Object(
  { ...User.properties, block: Nullable(Block) },
  { description: 'The user, and the block by an admin that holds now', examples: [exampleAdministeredUser] }
)

export const AdministeredUserPage = Type.Object(
  { items: Type.Array(AdministeredUser), nextCursor: Nullable(Type.String()) },
  { description: 'Users, newest first', examples: [{ items: [exampleAdministeredUser], nextCursor: null }] }
)

export const UserDetail = Type.Object(
  { ...AdministeredUser.properties, sessions: Type.Array(Session) },
  {
    description: 'The user, the block by an admin that holds now, and the newest live sessions',
    examples: [{ ...exampleAdministeredUser, sessions: [exampleSession] }]
  }
)
