import { pickFreePort } from '../servers/free-port.ts'
import { readPort, type Service, type Settings } from '../settings.ts'

export type ServicePorts = Readonly<Record<Service, number>>

/** A port named in the environment, else the one of the last run, else any free one. */
export async function chooseServicePorts(
  { gatewayPort, environment }: Settings,
  previous: ServicePorts | undefined
): Promise<ServicePorts> {
  const choose = async (name: string, preferred: number | undefined): Promise<number> => {
    const given = readPort(name, environment[name], 0)
    return given === 0 ? await pickFreePort(preferred) : given
  }
  return {
    gateway: gatewayPort === 0 ? await pickFreePort(previous?.gateway) : gatewayPort,
    auth: await choose('AUTH_PORT', previous?.auth),
    session: await choose('SESSION_PORT', previous?.session),
    activity: await choose('ACTIVITY_PORT', previous?.activity)
  }
}
