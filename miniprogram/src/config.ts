/** What one installation sets: `config.json`, or the environment of the build. */
import given from '../config.json'

export const appid = __APPID__ || given.appid
export const name = given.name

/** Where the API lives. In a browser the page's own server answers, whatever else is set. */
export const api = found()

function found(): string {
  // #ifdef H5
  if (location.origin) return location.origin
  // #endif
  return (__API__ || given.api || 'http://127.0.0.1:8000').replace(/\/$/, '')
}

/** The address of a picture: files of our own are served below /media/. */
export const picture = (file: string | undefined): string =>
  !file ? '' : /^https?:/.test(file) ? file : api + (file.startsWith('/') ? file : `/media/${file}`)
