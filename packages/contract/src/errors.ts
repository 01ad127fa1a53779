// Every way a request or a command line can fail, in one registry: the stable code, the HTTP status, the CLI's exit code,
// what it is called and what to do about it, in Korean and in English. Nothing answers 4xx or 5xx, and `dure` exits with
// nothing but 0, without a row here.

import type { Bilingual } from './language.ts'

export interface ErrorEntry {
  /** HTTP status; null for what only the command line or a service's start can meet. */
  readonly status: number | null
  /** Exit code of `dure`. */
  readonly exit: number
  readonly title: Bilingual
  readonly whatToDo: Bilingual
}

/** Exit codes that scripts rely on. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 4,
  conflict: 5,
  unavailable: 69,
  denied: 77,
  badConfiguration: 78,
  thresholdMissed: 99,
  interrupted: 130,
} as const

/** The exit code for an HTTP status that came without a code of ours, from a proxy for example. */
export function exitCodeOfStatus(status: number): number {
  if (status < 400) return exitCodes.ok
  if (status === 401 || status === 403) return exitCodes.denied
  if (status === 404) return exitCodes.notFound
  if (status === 409) return exitCodes.conflict
  if (status === 429 || status === 502 || status === 503 || status === 504) return exitCodes.unavailable
  return exitCodes.failed
}

const http = (status: number, title: Bilingual, whatToDo: Bilingual): ErrorEntry => ({
  status,
  exit: exitCodeOfStatus(status),
  title,
  whatToDo,
})

const local = (exit: number, title: Bilingual, whatToDo: Bilingual): ErrorEntry => ({
  status: null,
  exit,
  title,
  whatToDo,
})

export const errors = {
  // What was sent cannot be read.
  ERR_BODY_NOT_JSON: http(
    400,
    { ko: '요청 본문이 올바른 JSON이 아닙니다', en: 'The body is not valid JSON' },
    { ko: '본문을 JSON으로 고쳐 다시 보내십시오.', en: 'Correct the JSON and send it again.' },
  ),
  ERR_INVALID_REQUEST: http(
    400,
    { ko: '요청에 잘못된 값이 있습니다', en: 'Some values in the request are not valid' },
    { ko: 'errors에 적힌 항목을 고쳐 다시 보내십시오.', en: 'Correct what `errors` lists and send it again.' },
  ),
  ERR_INVALID_CURSOR: http(
    400,
    { ko: '페이지 커서가 올바르지 않습니다', en: 'The page cursor is not valid' },
    {
      ko: '앞 응답의 next_cursor를 그대로 쓰거나 cursor 없이 처음부터 읽으십시오.',
      en: 'Send `next_cursor` back exactly as it came, or start without a cursor.',
    },
  ),
  ERR_INVALID_IDEMPOTENCY_KEY: http(
    400,
    { ko: 'Idempotency-Key 형식이 올바르지 않습니다', en: 'The Idempotency-Key is not valid' },
    {
      ko: '공백 없는 ASCII 문자 1~128자를 쓰십시오. UUID면 충분합니다.',
      en: 'Use 1 to 128 ASCII characters without spaces; a UUID is fine.',
    },
  ),
  ERR_HOST_NOT_ALLOWED: http(
    400,
    { ko: '허용되지 않은 Host 헤더입니다', en: 'This Host header is not allowed' },
    {
      ko: '시작할 때 출력된 주소로 접속하거나, 운영자가 DURE_ALLOWED_HOSTS에 호스트를 추가해야 합니다.',
      en: 'Use the address printed at the start, or have the operator add the host to DURE_ALLOWED_HOSTS.',
    },
  ),
  ERR_BODY_TOO_LARGE: http(
    413,
    { ko: '요청 본문이 너무 큽니다', en: 'The body is too large' },
    { ko: '본문을 64 KiB 이하로 줄이십시오.', en: 'Keep the body within 64 KiB.' },
  ),
  ERR_NOT_HTTP: http(
    400,
    { ko: 'HTTP 요청이 아닙니다', en: 'This is not an HTTP request' },
    { ko: 'HTTP/1.1로 다시 보내십시오.', en: 'Send it again as HTTP/1.1.' },
  ),
  ERR_TOO_SLOW: http(
    408,
    { ko: '요청이 제때 끝나지 않았습니다', en: 'The request did not end in time' },
    { ko: '연결을 확인하고 다시 보내십시오.', en: 'Check the connection and send it again.' },
  ),
  ERR_HEADERS_TOO_LARGE: http(
    431,
    { ko: '요청 헤더가 너무 큽니다', en: 'The headers are too large' },
    { ko: '헤더를 16 KiB 이하로 줄이십시오.', en: 'Keep the headers within 16 KiB.' },
  ),
  ERR_MEDIA_TYPE: http(
    415,
    { ko: '지원하지 않는 본문 형식입니다', en: 'This media type is not supported' },
    { ko: 'Content-Type: application/json으로 보내십시오.', en: 'Send it with Content-Type: application/json.' },
  ),

  // It can be read, but the center as it is cannot take it.
  ERR_UNKNOWN_ACCOUNT: http(
    422,
    { ko: '그 계정으로 제출할 수 없습니다', en: 'The user cannot charge this account' },
    {
      ko: '`dure shares`에서 사용할 수 있는 계정을 확인하거나 관리자에게 등록을 요청하십시오.',
      en: 'See your accounts with `dure shares`, or ask an administrator to add you.',
    },
  ),
  ERR_ACCOUNT_REQUIRED: http(
    422,
    { ko: '계정을 지정해야 합니다', en: 'The account must be named' },
    {
      ko: '소속 계정이 여럿입니다. `--account`로 하나를 고르십시오.',
      en: 'You belong to several accounts: choose one with `--account`.',
    },
  ),
  ERR_UNKNOWN_POOL: http(
    422,
    { ko: '그런 풀이 없습니다', en: 'There is no such pool' },
    { ko: '`dure pools`에서 풀 이름을 확인하십시오.', en: 'See the names with `dure pools`.' },
  ),
  ERR_IMPOSSIBLE_REQUEST: http(
    422,
    { ko: '어떤 풀도 이 요청을 담을 수 없습니다', en: 'No pool could ever hold this request' },
    {
      ko: '노드 수나 노드당 자원을 줄이거나 더 큰 풀을 고르십시오.',
      en: 'Ask for fewer nodes or less per node, or choose a larger pool.',
    },
  ),
  ERR_IDEMPOTENCY_MISMATCH: http(
    422,
    { ko: '같은 Idempotency-Key로 다른 내용이 왔습니다', en: 'This Idempotency-Key came with a different body before' },
    { ko: '새 요청에는 새 키를 쓰십시오.', en: 'Use a new key for a new request.' },
  ),

  // Who asks.
  ERR_NO_KEY: http(
    401,
    { ko: 'API 키가 필요합니다', en: 'An API key is needed' },
    {
      ko: '`Authorization: Bearer …` 헤더로 키를 보내십시오. CLI는 --key-file, DURE_API_KEY, .dure/ 순으로 찾습니다.',
      en: 'Send it as `Authorization: Bearer …`. The CLI looks at --key-file, DURE_API_KEY, then .dure/.',
    },
  ),
  ERR_BAD_KEY: http(
    401,
    { ko: 'API 키가 올바르지 않습니다', en: 'The API key is not valid' },
    {
      ko: '이 센터에서 발급한 키인지 확인하거나 관리자에게 새 키를 받으십시오.',
      en: 'Check that this center issued it, or ask an administrator for a new one.',
    },
  ),
  ERR_KEY_EXPIRED: http(
    401,
    { ko: 'API 키가 만료되었거나 폐기되었습니다', en: 'The API key has expired or was revoked' },
    { ko: '관리자에게 새 키를 받으십시오.', en: 'Ask an administrator for a new one.' },
  ),
  ERR_BAD_TOKEN: http(
    401,
    { ko: '토큰을 받아들일 수 없습니다', en: 'The token is not accepted' },
    {
      ko: '이 센터를 대상(aud)으로 발급된 토큰인지 확인하고 다시 로그인해 새 토큰을 받으십시오.',
      en: 'Check that it was issued for this center (`aud`), and sign in again for a new one.',
    },
  ),
  ERR_TOKEN_EXPIRED: http(
    401,
    { ko: '토큰이 만료되었습니다', en: 'The token has expired' },
    { ko: '다시 로그인해 새 토큰을 받으십시오.', en: 'Sign in again for a new one.' },
  ),
  ERR_NO_ROLE: http(
    403,
    { ko: '이 사용자에게는 역할이 없습니다', en: 'This user has no role here' },
    {
      ko: '관리자에게 인증 서버의 그룹에 넣어 달라고 요청하십시오.',
      en: 'Ask an administrator to put you into a group of the identity provider that has one.',
    },
  ),
  ERR_KEY_NEEDED: http(
    403,
    { ko: '토큰으로는 할 수 없습니다', en: 'A token cannot do this' },
    { ko: 'API 키로 다시 시도하십시오.', en: 'Try again with an API key.' },
  ),
  ERR_SIGN_IN_LINK: http(
    401,
    { ko: '로그인 링크가 이미 쓰였거나 만료되었습니다', en: 'The sign-in link was used already or has expired' },
    { ko: '센터가 출력하는 새 링크를 쓰십시오.', en: 'Use a new link as the center prints it.' },
  ),
  ERR_ROLE: http(
    403,
    { ko: '이 작업을 할 권한이 없습니다', en: 'Your role does not allow this' },
    {
      ko: '필요한 역할은 detail에 있습니다. 관리자에게 요청하십시오.',
      en: 'The role it takes is in `detail`; ask an administrator.',
    },
  ),
  ERR_FOREIGN_ORIGIN: http(
    403,
    { ko: '다른 사이트에서 온 요청입니다', en: 'The request came from another site' },
    {
      ko: '콘솔 페이지에서 다시 시도하거나 API 키를 쓰십시오.',
      en: 'Try again from the console page, or use an API key.',
    },
  ),

  // What is asked about.
  ERR_ROUTE_NOT_FOUND: http(
    404,
    { ko: '그런 주소가 없습니다', en: 'There is nothing at this address' },
    { ko: '/docs에서 주소를 확인하십시오.', en: 'See /docs for what there is.' },
  ),
  ERR_METHOD_NOT_ALLOWED: http(
    405,
    { ko: '이 주소에서 쓸 수 없는 메서드입니다', en: 'This method is not allowed here' },
    { ko: '/docs에서 메서드를 확인하십시오.', en: 'See /docs for the methods.' },
  ),
  ERR_JOB_NOT_FOUND: http(
    404,
    { ko: '그런 작업이 없습니다', en: 'There is no such job' },
    {
      ko: '`dure queue`에서 번호를 확인하십시오. 다른 기관의 작업은 보이지 않습니다.',
      en: 'See the numbers with `dure queue`. Jobs of others are not shown.',
    },
  ),
  ERR_NODE_NOT_FOUND: http(
    404,
    { ko: '그런 노드가 없습니다', en: 'There is no such node' },
    {
      ko: '`dure nodes`에서 이름을 확인하십시오. 이름은 풀-번호 형식입니다.',
      en: 'See the names with `dure nodes`; a name is POOL-NUMBER.',
    },
  ),
  ERR_KEY_NOT_FOUND: http(
    404,
    { ko: '그런 API 키가 없습니다', en: 'There is no such API key' },
    { ko: '`dure keys`에서 확인하십시오.', en: 'See them with `dure keys`.' },
  ),
  ERR_KEY_ENDED: http(
    409,
    { ko: '이미 끝난 API 키입니다', en: 'The API key has ended already' },
    { ko: '새 키를 발급하십시오: `dure keys create`.', en: 'Make a new one with `dure keys create`.' },
  ),
  ERR_STUDY_NOT_FOUND: http(
    404,
    { ko: '그런 스터디가 없습니다', en: 'There is no such study' },
    {
      ko: 'GET /v1/studies에서 확인하십시오. 끝난 지 한 달이 지나면 지워집니다.',
      en: 'See GET /v1/studies; a study is forgotten a month after its end.',
    },
  ),
  ERR_STUDY_EMPTY: http(
    409,
    { ko: '아직 결과가 하나도 없습니다', en: 'The study has no rows yet' },
    {
      ko: '잠시 뒤 다시 시도하십시오. `rows`가 결과의 수입니다.',
      en: 'Try again in a moment; `rows` tells how many there are.',
    },
  ),
  ERR_STUDY_ENDED: http(
    409,
    { ko: '이미 끝난 스터디입니다', en: 'The study has ended already' },
    { ko: '결과는 results와 report에 있습니다.', en: 'What came of it is under `results` and `report`.' },
  ),
  ERR_JOB_ENDED: http(
    409,
    { ko: '이미 끝난 작업입니다', en: 'The job has ended already' },
    { ko: '결과는 `dure show`로 확인하십시오.', en: 'See how with `dure show`.' },
  ),
  ERR_JOB_RUNNING: http(
    409,
    { ko: '이미 실행 중인 작업입니다', en: 'The job is running already' },
    {
      ko: '실행 중인 작업은 보류할 수 없습니다. 멈추려면 취소하십시오.',
      en: 'A running job cannot be held; cancel it to stop it.',
    },
  ),
  ERR_HELD_BY_OPERATOR: http(
    409,
    { ko: '운영자가 보류한 작업입니다', en: 'An operator holds this job' },
    { ko: '운영자에게 해제를 요청하십시오.', en: 'Ask an operator to release it.' },
  ),
  ERR_WATTS_UNKNOWN: http(
    409,
    {
      ko: '이 센터는 노드가 쓰는 전력을 모릅니다',
      en: 'This center does not know what its nodes draw',
    },
    {
      ko: '센터 파일의 `policy.power`에 풀마다 전력을 적고 센터를 다시 시작하십시오.',
      en: 'Say in `policy.power` of the center file what each pool draws, and start the center anew.',
    },
  ),
  ERR_IDEMPOTENCY_IN_PROGRESS: http(
    409,
    {
      ko: '같은 Idempotency-Key의 요청을 아직 처리하고 있습니다',
      en: 'A request with this Idempotency-Key is still under way',
    },
    {
      ko: '잠시 뒤 같은 키로 다시 보내면 처음 응답을 받습니다.',
      en: 'Send it again with the same key in a moment to get the first answer.',
    },
  ),
  ERR_KEY_SHOWN: http(
    409,
    {
      ko: '이 Idempotency-Key로 만든 키를 이미 보여 주었습니다',
      en: 'The key made with this Idempotency-Key was shown already',
    },
    {
      ko: '키는 한 번만 보여 주고 보관하지 않습니다. 잃어버렸다면 detail에 적힌 키를 폐기하고 새 Idempotency-Key로 다시 만드십시오.',
      en: 'A key is shown once and not kept. If it was lost, revoke the one named in `detail` and make another with a new Idempotency-Key.',
    },
  ),
  ERR_EVENT_ID: http(
    400,
    { ko: 'Last-Event-ID가 올바르지 않습니다', en: 'The Last-Event-ID is not valid' },
    {
      ko: '받은 id를 그대로 보내거나 헤더 없이 다시 연결하십시오.',
      en: 'Send an id as you received it, or connect without the header.',
    },
  ),

  // Not now.
  ERR_RATE_LIMITED: http(
    429,
    { ko: '요청이 너무 잦습니다', en: 'Too many requests' },
    {
      ko: 'Retry-After에 적힌 초만큼 기다린 뒤 다시 보내십시오.',
      en: 'Wait as long as Retry-After says, then send it again.',
    },
  ),
  ERR_BUSY: http(
    503,
    { ko: '지금은 요청을 받을 수 없습니다', en: 'The center cannot take this right now' },
    {
      ko: 'Retry-After에 적힌 초만큼 기다린 뒤 같은 Idempotency-Key로 다시 보내십시오.',
      en: 'Wait as long as Retry-After says, then send it again with the same Idempotency-Key.',
    },
  ),
  ERR_STORE_UNAVAILABLE: http(
    503,
    { ko: '저장소(Redis)에 연결할 수 없습니다', en: 'The store (Redis) cannot be reached' },
    {
      ko: '접수되지 않았습니다. 잠시 뒤 같은 Idempotency-Key로 다시 보내십시오.',
      en: 'Nothing was accepted. Send it again with the same Idempotency-Key in a moment.',
    },
  ),
  ERR_ISSUER_UNAVAILABLE: http(
    503,
    { ko: '인증 서버의 키를 받아올 수 없습니다', en: 'The identity provider’s keys cannot be fetched' },
    {
      ko: '잠시 뒤 다시 시도하거나 API 키를 쓰십시오.',
      en: 'Try again in a moment, or use an API key.',
    },
  ),
  ERR_CATCHING_UP: http(
    503,
    { ko: '아직 최신 상태를 읽고 있습니다', en: 'Still reading the ledger' },
    {
      ko: '잠시 뒤 다시 시도하십시오. /readyz에서 준비 상태를 볼 수 있습니다.',
      en: 'Try again in a moment; /readyz tells when it is ready.',
    },
  ),
  ERR_INTERNAL: http(
    500,
    { ko: '예상하지 못한 오류입니다', en: 'Something unexpected went wrong' },
    {
      ko: 'request_id를 운영자에게 알려 주십시오. 로그에서 찾을 수 있습니다.',
      en: 'Tell an operator the request_id; the log has it.',
    },
  ),

  // The command line.
  ERR_USAGE: local(
    exitCodes.usage,
    { ko: '명령을 잘못 썼습니다', en: 'The command line is not valid' },
    { ko: '`dure help`로 쓰는 법을 확인하십시오.', en: 'See `dure help`.' },
  ),
  ERR_UNKNOWN_POLICY: local(
    exitCodes.usage,
    { ko: '그런 정책이 없습니다', en: 'There is no such policy' },
    { ko: 'detail에 적힌 이름 가운데 하나를 쓰십시오.', en: 'Use one of the names in `detail`.' },
  ),
  ERR_FILE_NOT_READ: local(
    exitCodes.failed,
    { ko: '파일을 읽을 수 없습니다', en: 'The file cannot be read' },
    { ko: '경로와 읽기 권한을 확인하십시오.', en: 'Check the path and that you may read it.' },
  ),
  ERR_FILE_NOT_WRITTEN: local(
    exitCodes.failed,
    { ko: '파일을 쓸 수 없습니다', en: 'The file cannot be written' },
    {
      ko: '경로와 쓰기 권한, 디스크의 남은 공간을 확인하십시오.',
      en: 'Check the path, that you may write there, and that the disk has room.',
    },
  ),
  ERR_BAD_JOB_FILE: local(
    exitCodes.failed,
    { ko: '작업 파일에 오류가 있습니다', en: 'The job file has errors' },
    { ko: '적힌 줄을 고쳐 다시 제출하십시오.', en: 'Correct the lines named and submit it again.' },
  ),
  ERR_BAD_CENTER_FILE: local(
    exitCodes.failed,
    { ko: '센터 파일에 오류가 있습니다', en: 'The center file has errors' },
    { ko: '적힌 줄을 고치십시오.', en: 'Correct the lines named.' },
  ),
  ERR_BAD_MODEL_FILE: local(
    exitCodes.failed,
    { ko: '작업 모델 파일에 오류가 있습니다', en: 'The model file has errors' },
    {
      ko: '적힌 줄을 고치거나 `dure trace LOG --fit --out FIT.yaml`로 다시 만드십시오.',
      en: 'Correct the lines named, or make it anew with `dure trace LOG --fit --out FIT.yaml`.',
    },
  ),
  ERR_BAD_SCENARIO_FILE: local(
    exitCodes.failed,
    { ko: '시나리오 파일에 오류가 있습니다', en: 'The scenario file has errors' },
    { ko: '적힌 줄을 고치십시오.', en: 'Correct the lines named.' },
  ),
  ERR_STUDY_THERE: local(
    exitCodes.conflict,
    { ko: '결과 폴더에 이미 스터디가 있습니다', en: 'The folder has a study already' },
    {
      ko: '이어서 하려면 --resume을, 새로 하려면 다른 --out을 쓰십시오.',
      en: 'Go on with it by --resume, or give another folder by --out.',
    },
  ),
  ERR_OTHER_STUDY_THERE: local(
    exitCodes.conflict,
    { ko: '결과 폴더에 다른 스터디가 있습니다', en: 'The folder has another study' },
    {
      ko: '다른 폴더를 --out으로 정하거나, 그 결과가 필요 없으면 폴더를 지우고 다시 실행하십시오.',
      en: 'Give another folder by --out, or remove this one if nobody needs what it has, and run the same again.',
    },
  ),
  ERR_STUDY_FAILED: local(
    exitCodes.failed,
    { ko: '스터디를 끝내지 못했습니다', en: 'The study could not be completed' },
    {
      ko: '적힌 것을 고친 뒤 같은 명령에 --resume을 붙이면 끝난 시뮬레이션은 다시 하지 않습니다.',
      en: 'Mend what is named and run the same with --resume: what is done is not done again.',
    },
  ),
  ERR_BAD_FAIR_TREE_FILE: local(
    exitCodes.failed,
    { ko: '공정 배분 트리 파일에 오류가 있습니다', en: 'The share tree file has errors' },
    { ko: '적힌 항목을 고치십시오.', en: 'Correct what is named.' },
  ),
  ERR_BAD_TRACE: local(
    exitCodes.failed,
    { ko: '작업 기록을 쓸 수 없습니다', en: 'The job log cannot be used' },
    {
      ko: '적힌 것을 고치거나 다른 기록을 쓰십시오. 형식은 `dure trace --help`에 있습니다.',
      en: 'Mend what is named, or give another log; `dure trace --help` lists the formats.',
    },
  ),
  ERR_REJECTED_LINES: local(
    exitCodes.failed,
    { ko: '작업 기록에 거부된 줄이 있습니다', en: 'Lines of the job log are rejected' },
    {
      ko: '그 줄들을 고치거나 --strict 없이 실행하십시오. --quiet가 없으면 줄 번호가 나옵니다.',
      en: 'Mend those lines, which are listed without --quiet, or leave out --strict.',
    },
  ),
  ERR_NOT_CONFORMING: local(
    exitCodes.failed,
    { ko: '기준 사례와 다른 결과가 있습니다', en: 'Some conformance cases do not pass' },
    { ko: '표에서 실패한 사례를 확인하십시오.', en: 'See the failing cases in the table.' },
  ),
  ERR_UNREACHABLE: local(
    exitCodes.unavailable,
    { ko: '센터에 연결할 수 없습니다', en: 'The center cannot be reached' },
    {
      ko: '`npm start`로 센터를 시작하거나 --url, DURE_URL의 주소를 확인하십시오.',
      en: 'Start it with `npm start`, or check the address in --url or DURE_URL.',
    },
  ),
  ERR_BAD_ANSWER: local(
    exitCodes.failed,
    { ko: '알 수 없는 응답을 받았습니다', en: 'The answer makes no sense' },
    {
      ko: '주소가 Dure 센터인지, CLI와 센터의 버전이 같은지 확인하십시오.',
      en: 'Check that the address is a Dure center and of the same version as this command.',
    },
  ),
  ERR_THRESHOLD_MISSED: local(
    exitCodes.thresholdMissed,
    { ko: '기준을 넘었습니다', en: 'A threshold was missed' },
    { ko: '결과에서 기준을 넘은 항목을 확인하십시오.', en: 'See which one in the results.' },
  ),
  ERR_INTERRUPTED: local(
    exitCodes.interrupted,
    { ko: '중단되었습니다', en: 'Interrupted' },
    { ko: '이미 접수된 작업은 그대로 남아 있습니다.', en: 'What was accepted already stays accepted.' },
  ),

  // A service that cannot start.
  ERR_SETTINGS: local(
    exitCodes.badConfiguration,
    { ko: '설정이 올바르지 않습니다', en: 'The settings are not valid' },
    {
      ko: '적힌 환경 변수를 고치고 다시 시작하십시오.',
      en: 'Correct the environment variables named and start again.',
    },
  ),
} as const satisfies Record<`ERR_${string}`, ErrorEntry>

export type ErrorCode = keyof typeof errors
export const errorCodes = Object.keys(errors) as readonly ErrorCode[]

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code)
