/*
 * The verdict protocol as a model that Spin searches exhaustively. README.md says what a model is and how to read the
 * result; this file is the protocol itself, in the order in which it runs.
 *
 * Reading Promela, in four lines:
 *   proctype         a process; all processes run at once, in any order, one step at a time
 *   do :: a :: b od  again and again: any one of the steps whose first expression, the guard, is true
 *   guard -> action  waits until the guard is true
 *   d_step, atomic   everything inside happens as one step, as a Lua script does in Redis or a callback in Node.js
 * Spin tries every order of steps and every choice. Whatever can happen in any of them, it finds.
 *
 * Time has no numbers here, only its one law: a lease that was asked for before an announcement is over when the
 * authority has waited for it. A lease may end at any moment, since clocks run on while a process is paused; the wait
 * ends at any moment at which the law allows it. So what holds here holds for any length of leases and look-ups.
 *
 * Messages: an announcement, once published, may be read by a gateway at any later moment, or never, in any order; an
 * acknowledgement likewise. So any number of them may be lost, late or overtaken by others. A renewal's request or
 * reply may be lost at any time.
 *
 * Every `#ifdef` below is a rule broken on purpose; check.ts says which of them must be found out. `printf` only tells
 * the story of a counterexample.
 */

#define SESSIONS 2
#define GATEWAYS 2
#define REVOKES 2
#define ANNOUNCEMENTS 3 /* one for each revoke, one more for what a crash left behind */

#ifndef LOG
#define LOG 1         /* announcements that the registry keeps: few, so that a gateway can fall behind them */
#endif
#ifndef LOSSES
#define LOSSES 1      /* how often the registry may be lost */
#endif
#ifndef CRASHES
#define CRASHES 1     /* how often a process that revokes may crash */
#endif

/* Gateways that keep verdicts, and sessions whose verdicts they keep. README.md: "One square of four". */
#ifndef WATCHED_GATEWAYS
#define WATCHED_GATEWAYS 1
#endif
#ifndef WATCHED_SESSIONS
#define WATCHED_SESSIONS 1
#endif
#define CELLS (WATCHED_GATEWAYS * WATCHED_SESSIONS)
#define CELL(g, s) ((g) * WATCHED_SESSIONS + (s))

/* ---- The store: Redis, the primary of a user's shard ---- */

bit ended[SESSIONS];
bit pending[SESSIONS];   /* written with `ended` by one script: still to be announced */
bit answered[SESSIONS];  /* a revoke of this session has answered 2xx: from here on nobody may accept it */
#ifdef STALE_REPLICA
bit replica[SESSIONS];   /* a copy of `ended` that lags behind */
#endif

/* ---- The registry: a few keys of Redis in one slot ---- */

byte incarnation;        /* another one after every restart or failover of Redis, which loses what follows */
byte seq;
bit member[GATEWAYS];    /* a neighbour always is one: it renews, and if it did not it would only be waited for less */
bit logged[ANNOUNCEMENTS + 1];

bit losses = LOSSES;
bit crashes = CRASHES;

/* ---- Announcements, in the order in which they were made; 0 is none ---- */

byte made;
byte item[ANNOUNCEMENTS + 1];    /* the session announced */
byte number[ANNOUNCEMENTS + 1];  /* `seq` when it was made */
byte made_in[ANNOUNCEMENTS + 1]; /* `incarnation` when it was made */
bit published[ANNOUNCEMENTS + 1];
bit acked[(ANNOUNCEMENTS + 1) * GATEWAYS];
#define ACKED(k, g) acked[(k) * GATEWAYS + (g)]

/* ---- Gateways ---- */

#define NONE 2
bit lease[GATEWAYS];     /* live: what is cached may be used */
byte known[GATEWAYS] = NONE; /* the incarnation it has joined */
byte heard[GATEWAYS];    /* the number up to which it has heard all announcements of that incarnation */

/* The one renewal that may be under way. */
#define IDLE 0
#define ASKED 1
#define GRANTED 2
byte renewal[GATEWAYS];
byte joined[GATEWAYS];   /* the reply: `incarnation` */
byte upto[GATEWAYS];     /* the reply: `seq` */
byte missed[GATEWAYS];   /* the reply: sessions announced since, one bit each */
bit complete[GATEWAYS];  /* the reply: whether `missed` is all */

/* The cache, and the one look-up that may be under way for each entry. */
bit cached[CELLS];
#define SENT 1
#define READ_YES 2
byte flight[CELLS];
bit same_epoch[CELLS];   /* asked for while live, and nothing was flushed since */
bit overtaken[CELLS];    /* its session was announced after it was sent, and that is remembered */
bit late[CELLS];         /* a request waits for it that came after the revoke had answered */

/* ---- The processes that revoke ---- */

bit renewed[REVOKES * GATEWAYS] = 1; /* the member's mark is no longer the one that the announcement read */
#define RENEWED(r, g) renewed[(r) * GATEWAYS + (g)]

/* The law of time: which leases were asked for before an announcement, or before the registry was lost. */
#define LOSS 2
#define MOMENTS 3
bit lease_before[MOMENTS * GATEWAYS];   /* the lease that runs */
bit renewal_before[MOMENTS * GATEWAYS]; /* the renewal under way */
#define LEASE_BEFORE(m, g) lease_before[(m) * GATEWAYS + (g)]
#define RENEWAL_BEFORE(m, g) renewal_before[(m) * GATEWAYS + (g)]
#define OUTWAITED(m) !(LEASE_BEFORE(m, 0) || RENEWAL_BEFORE(m, 0) || LEASE_BEFORE(m, 1) || RENEWAL_BEFORE(m, 1))
bit finished[REVOKES];

#define EACH_CELL_OF(g) c : CELL(g, 0) .. CELL(g, WATCHED_SESSIONS - 1)

inline clear_flight(c) {
  flight[c] = 0; same_epoch[c] = 0; overtaken[c] = 0; late[c] = 0
}

inline end_lease(g) {
  lease[g] = 0; LEASE_BEFORE(0, g) = 0; LEASE_BEFORE(1, g) = 0; LEASE_BEFORE(LOSS, g) = 0;
#if !defined(SERVES_WITHOUT_LEASE) && !defined(KEEPS_CACHE_OVER_LAPSE)
  /* It is dropped when the next lease begins, and not used before: so it may as well be dropped now. */
  for (EACH_CELL_OF(g)) { cached[c] = 0 }
  c = 0
#endif
}

inline clear_renewal(g) {
  renewal[g] = IDLE; joined[g] = 0; upto[g] = 0; missed[g] = 0; complete[g] = 0;
  RENEWAL_BEFORE(0, g) = 0; RENEWAL_BEFORE(1, g) = 0; RENEWAL_BEFORE(LOSS, g) = 0
}

/* Drops everything kept; what is under way will not be kept, and nobody joins it. */
inline flush(g) {
  for (EACH_CELL_OF(g)) {
    cached[c] = 0;
#ifndef NO_EPOCH_CHECK
    same_epoch[c] = 0;
#endif
#ifndef JOINS_WITHOUT_LEASE
    /* Nobody joins it, it will not be kept, and who waits for it came before the 2xx: it can show nothing. */
    if :: !same_epoch[c] && !late[c] -> clear_flight(c) :: else fi
#endif
  }
  c = 0
}

/*
 * An announced session: drop it, and remember that whatever was asked for before is older than the announcement. In
 * the model that is a mark on the look-up, as a tombstone outlives every look-up that was under way when it was set.
 */
inline obey(g, s) {
  if
  :: s < WATCHED_SESSIONS ->
    cached[CELL(g, s)] = 0;
    if
    :: flight[CELL(g, s)] -> overtaken[CELL(g, s)] = 1
    :: else
    fi
  :: else
  fi
}

/* More announcements than a gateway can remember: it forgets them, and refuses all that is under way instead. */
inline overflow(g) {
  for (EACH_CELL_OF(g)) {
#ifdef OVERFLOW_FORGETS
    overtaken[c] = 0
#else
    if
    :: flight[c] -> overtaken[c] = 1
    :: else
    fi
#endif
  }
  c = 0
}

#ifdef NO_GENERATION_CHECK
#define REFUSED(c) false
#else
#define REFUSED(c) overtaken[c]
#endif

#ifdef SERVES_WITHOUT_LEASE
#define LIVE(g) (known[g] != NONE)
#else
#define LIVE(g) lease[g]
#endif

#if defined(JOINS_OVERTAKEN_FLIGHT)
#define JOINABLE(g, c) (LIVE(g) && same_epoch[c])
#elif defined(JOINS_WITHOUT_LEASE)
#define JOINABLE(g, c) (!overtaken[c])
#else
#define JOINABLE(g, c) (LIVE(g) && same_epoch[c] && !overtaken[c])
#endif

/* ---- A gateway and its verdict on one session: look-up, fill, use ---- */

inline send_lookup(g, c, s) {
  printf("gateway %d: request for session %d, sends a look-up\n", g, s);
  flight[c] = SENT; same_epoch[c] = LIVE(g); late[c] = answered[s]
}

inline read_store(c, s) {
  printf("store: look-up reads session %d\n", s);
  if
#ifdef STALE_REPLICA
  :: replica[s] -> clear_flight(c)
#else
  :: ended[s] -> clear_flight(c) /* the answer is no: those who wait are refused */
#endif
  :: else -> flight[c] = READ_YES
  fi
}

inline take_answer(g, c) {
  printf("gateway %d: answer of the look-up: active (request came after the 2xx: %d)\n", g, late[c]);
#ifdef JOINS_OVERTAKEN_FLIGHT
  assert(!late[c]); /* the one who joined it uses it too */
#endif
  if
  :: REFUSED(c) -> skip /* not kept, and not used: those who wait ask again */
  :: else ->
    assert(!late[c]);
    if
    :: LIVE(g) && same_epoch[c] -> cached[c] = 1
    :: else
    fi
  fi;
  clear_flight(c)
}

/* ---- Renewal: the heartbeat that carries the sequence ---- */

inline send_renewal(g) {
  printf("gateway %d: sends a renewal\n", g);
  renewal[g] = ASKED
}

/* The registry's script. The request says what the gateway has joined and heard. */
inline grant(g) {
  printf("registry: renewal of gateway %d, number is %d\n", g, seq);
  member[g] = 1; RENEWED(0, g) = 1; RENEWED(1, g) = 1;
#ifndef LIVENESS /* what the reply says keeps no revoke waiting */
#ifdef TRIMMED_LOG_IS_COMPLETE
  complete[g] = (known[g] == incarnation && heard[g] <= seq);
#else
  complete[g] = (known[g] == incarnation && heard[g] <= seq && seq - heard[g] <= LOG);
#endif
  if
  :: complete[g] ->
    for (k : 1 .. ANNOUNCEMENTS) {
      if
      :: logged[k] && number[k] > heard[g] && seq - number[k] < LOG -> missed[g] = missed[g] | (1 << item[k])
      :: else
      fi
    }
    k = 0
  :: else
  fi;
  joined[g] = incarnation; upto[g] = seq;
#endif
  renewal[g] = GRANTED
}

inline take_grant(g, in_time) {
  printf("gateway %d: takes the reply (in time: %d)\n", g, in_time);
  if
  :: !lease[g] ->
#ifndef KEEPS_CACHE_OVER_LAPSE
    flush(g) /* whatever was kept under a lease that ran out */
#endif
  :: else
  fi;
#ifndef NO_REPLAY
  if
  :: complete[g] ->
    if :: missed[g] & 1 -> obey(g, 0) :: else fi;
    if :: missed[g] & 2 -> obey(g, 1) :: else fi
  :: else ->
#ifndef INCOMPLETE_IS_IGNORED
    flush(g)
#endif
  fi;
#endif
  if
  :: known[g] == joined[g] && heard[g] > upto[g] -> skip /* it has heard more while the reply was under way */
  :: else -> heard[g] = upto[g]
  fi;
  known[g] = joined[g];
  if
  :: in_time ->
    lease[g] = 1;
    for (m : 0 .. MOMENTS - 1) {
#ifdef LEASE_FROM_REPLY
      LEASE_BEFORE(m, g) = 0
#else
      LEASE_BEFORE(m, g) = RENEWAL_BEFORE(m, g)
#endif
    }
    m = 0
  :: else
  fi;
  clear_renewal(g)
}

/* A pushed announcement: obeyed and acknowledged at once. A gap is left to the next renewal to repair. */
inline hear(g, k, overflows) {
  printf("gateway %d: hears and acknowledges announcement %d of session %d", g, k, item[k]);
  printf(" (tombstones overflow: %d)\n", overflows);
  if :: overflows -> overflow(g) :: else fi;
#ifndef ACKS_BEFORE_OBEYING
  obey(g, item[k]);
#endif
  ACKED(k, g) = 1;
#ifndef LIVENESS
  if
#if defined(GAP_IS_IGNORED)
  :: known[g] == made_in[k] && number[k] > heard[g] -> heard[g] = number[k]
#elif defined(INCARNATION_NOT_CHECKED)
  :: number[k] == heard[g] + 1 -> heard[g] = number[k]
#else
  :: known[g] == made_in[k] && number[k] == heard[g] + 1 -> heard[g] = number[k]
#endif
  :: else
  fi
#else
  skip
#endif
}

inline doubt(g) {
  printf("gateway %d: doubts, drops everything\n", g);
  flush(g); end_lease(g); clear_renewal(g)
}

/* What every gateway may do at any time. */
#define RENEWS(g) \
  :: d_step { renewal[g] == IDLE -> send_renewal(g) } \
  :: d_step { renewal[g] == ASKED -> grant(g) } \
  :: d_step { renewal[g] == GRANTED -> take_grant(g, true) } \
  :: d_step { renewal[g] == GRANTED -> take_grant(g, false) } /* the lease was over before its reply came */ \
  :: d_step { lease[g] || renewal[g] != IDLE -> doubt(g) }

#define HEARS(g, k) \
  :: d_step { published[k] && !ACKED(k, g) -> hear(g, k, false) } \
  :: d_step { published[k] && !ACKED(k, g) -> hear(g, k, true) }

#ifdef TOMBSTONE_TOO_SHORT /* by its age, or because the next look-up clears it */
#define FORGETS(g, s) :: d_step { overtaken[CELL(g, s)] -> overtaken[CELL(g, s)] = 0 }
#else
#define FORGETS(g, s)
#endif

/*
 * A hit needs no look-up. Without a lease each request sends its own: only those that came after the 2xx can show
 * anything, as theirs are neither kept nor shared.
 */
#define MISSES(g, c, s) (!flight[c] && (LIVE(g) -> !cached[c] : answered[s]))

#define JUDGES(g, s) \
  :: d_step { MISSES(g, CELL(g, s), s) -> send_lookup(g, CELL(g, s), s) } \
  :: d_step { flight[CELL(g, s)] == SENT -> read_store(CELL(g, s), s) } \
  :: d_step { flight[CELL(g, s)] == READ_YES -> take_answer(g, CELL(g, s)) } \
  :: d_step { flight[CELL(g, s)] && answered[s] && !late[CELL(g, s)] && JOINABLE(g, CELL(g, s)) -> \
    printf("gateway %d: a request after the 2xx joins the look-up\n", g); late[CELL(g, s)] = 1 } \
  FORGETS(g, s) \
  :: d_step { LIVE(g) && cached[CELL(g, s)] && answered[s] -> \
    printf("gateway %d: accepts session %d from its cache after the 2xx\n", g, s); assert(false) }

proctype Gateway(byte g) {
  byte c, k, m;
end:
  do
  RENEWS(g)
  HEARS(g, 1)
  HEARS(g, 2)
  HEARS(g, 3)
#ifndef LIVENESS
  JUDGES(g, 0)
#if WATCHED_SESSIONS == 2
  JUDGES(g, 1)
#endif
#endif
  od
}

/* Time, which goes on whatever a gateway does. */
proctype Clock(byte g) {
  byte c;
end:
  do
  :: d_step { lease[g] -> printf("clock: lease of gateway %d is over\n", g); end_lease(g) }
#ifdef WALL_CLOCK
  :: d_step { /* somebody sets the clock back: the lease lasts longer than it says */
      lease[g] ->
      printf("clock of gateway %d is set back\n", g);
      LEASE_BEFORE(0, g) = 0; LEASE_BEFORE(1, g) = 0
    }
#endif
  od
}

/* A renewal's request or reply is lost, or given up by who waits for it. */
proctype Network(byte g) {
end:
  do
  :: d_step { renewal[g] != IDLE -> printf("network: renewal of gateway %d is lost\n", g); clear_renewal(g) }
  od
}

inline acknowledge(k, g) {
  printf("gateway %d: acknowledges announcement %d\n", g, k);
  ACKED(k, g) = 1
}

/* The other gateway as the rest can see it: it acknowledges or does not. */
proctype Neighbour(byte g) {
end:
  do
  :: d_step { published[1] && !ACKED(1, g) -> acknowledge(1, g) }
  :: d_step { published[2] && !ACKED(2, g) -> acknowledge(2, g) }
  :: d_step { published[3] && !ACKED(3, g) -> acknowledge(3, g) }
  od
}

/* ---- The authority: one call that revokes a session, or the relay that ends what a crash left ---- */

/* Two revokes of one session are alike: of them, the first is the one that crashes. */
#if defined(SECOND_REVOKE_OF) && SECOND_REVOKE_OF == 0
#define MAY_CRASH(r) (crashes > 0 && r == 0)
#else
#define MAY_CRASH(r) (crashes > 0)
#endif
#define OR_CRASHES :: atomic { MAY_CRASH(r) -> printf("revoke %d: crashes\n", r); crashes = 0; goto crashed }

/* The registry's script. It tells who holds a lease now; the wait begins no earlier than this. */
inline announce(r, s, k) {
  printf("revoke %d: announces session %d; member 0: %d, member 1: %d\n", r, s, member[0], member[1]);
#ifdef LIVENESS
  k = r + 1; /* what is announced, and its number, keep no revoke waiting */
#else
  made++; k = made; seq++;
  item[k] = s; number[k] = seq; made_in[k] = incarnation; logged[k] = 1;
#endif
  published[k] = 1;
  owed[0] = member[0]; owed[1] = member[1];
  RENEWED(r, 0) = !member[0]; RENEWED(r, 1) = (WATCHED_GATEWAYS == 1 || !member[1]);
  LEASE_BEFORE(r, 0) = lease[0]; LEASE_BEFORE(r, 1) = lease[1];
  RENEWAL_BEFORE(r, 0) = (renewal[0] != IDLE); RENEWAL_BEFORE(r, 1) = (renewal[1] != IDLE)
}

/* Strikes off a silent member, unless it has renewed since: then it judges by a lease that began later. */
inline drop(r, k, g) {
  if
#ifdef DROPS_WITHOUT_MARK
  :: owed[g] && !ACKED(k, g) -> member[g] = 0
#else
  :: owed[g] && !ACKED(k, g) && !RENEWED(r, g) && made_in[k] == incarnation -> member[g] = 0
#endif
  :: else
  fi
}

inline answer(r, s) {
  printf("revoke %d: answers 2xx for session %d\n", r, s);
  answered[s] = 1; finished[r] = 1
}

inline settle(r, k) {
#if defined(LIVENESS)
  published[k] = 0; ACKED(k, 0) = 0; ACKED(k, 1) = 0;
#elif WATCHED_GATEWAYS == 1
  if :: k > 0 -> ACKED(k, 1) = 1 :: else fi; /* nobody asks any more */
#endif
  k = 0; owed[0] = 0; owed[1] = 0; RENEWED(r, 0) = 1; RENEWED(r, 1) = 1;
  LEASE_BEFORE(r, 0) = 0; LEASE_BEFORE(r, 1) = 0; RENEWAL_BEFORE(r, 0) = 0; RENEWAL_BEFORE(r, 1) = 0
}

#ifdef ONE_ACK_IS_ENOUGH
#define ALL_ACKED(k) (ACKED(k, 0) || ACKED(k, 1))
#else
#define ALL_ACKED(k) ((!owed[0] || ACKED(k, 0)) && (!owed[1] || ACKED(k, 1)))
#endif

/* A young registry does not know the leases that the one before had granted: they are waited for too. */
#ifdef TRUSTS_NEW_REGISTRY
#define OLD_LEASES_ARE_OVER true
#else
#define OLD_LEASES_ARE_OVER OUTWAITED(LOSS)
#endif

#if defined(ANSWERS_BEFORE_ACKS)
#define HAS_WAITED(r, k) true
#elif defined(WAITS_FOR_EVER)
#define HAS_WAITED(r, k) ALL_ACKED(k)
#else
#define HAS_WAITED(r, k) ((ALL_ACKED(k) && OLD_LEASES_ARE_OVER) || OUTWAITED(r))
#endif

proctype Revoke(byte r; byte s) {
  byte k;
  bit owed[GATEWAYS];
#ifdef ENDED_IS_ENOUGH
  bit already;
#endif

#ifdef ANSWERS_BEFORE_WRITING
  answered[s] = 1;
#endif
#if defined(PENDING_WRITTEN_LATER)
  if
  :: d_step { !ended[s] -> ended[s] = 1 }; pending[s] = 1
  :: ended[s]
  fi;
#elif !defined(ANNOUNCES_BEFORE_WRITING)
  /* One script: the session ends, and that it is to be announced is written beside it. */
  d_step {
    if
    :: !ended[s] -> printf("store: revoke %d ends session %d\n", r, s); ended[s] = 1; pending[s] = 1
    :: else
#ifdef ENDED_IS_ENOUGH
      -> already = 1
#endif
    fi
  }
#endif

again:
  /*
   * Somebody else may have ended the session before: what counts is whether that has been announced. Publishing is no
   * step of its own, as what is published may be read late or never.
   */
  if
  :: d_step { true -> announce(r, s, k) }
#ifdef ENDED_IS_ENOUGH
  :: already -> goto answered_by_others
#endif
#ifndef ANNOUNCES_BEFORE_WRITING
  :: !pending[s] -> goto answered_by_others
#endif
  OR_CRASHES
  fi;

  if
  :: d_step { HAS_WAITED(r, k) ->
      printf("revoke %d: has waited\n", r);
      drop(r, k, 0); drop(r, k, 1)
    }
  OR_CRASHES
  fi;

#ifdef ANNOUNCES_BEFORE_WRITING
  ended[s] = 1;
#endif
  if
  :: d_step { true -> pending[s] = 0; answer(r, s); settle(r, k) } -> goto end
  OR_CRASHES
  fi;

answered_by_others:
  atomic { answer(r, s) }
  goto end;

crashed:
  /* All that it had in memory is gone. The relay finds what is pending, or the client tries again. */
  atomic { settle(r, k) }
#ifndef NO_RELAY
  goto again;
#endif
end:
  skip
}

/* ---- What else may happen ---- */

proctype World() {
  byte i;
end:
  do
  :: d_step { /* Redis restarts or fails over: the registry is lost */
      losses > 0 ->
      printf("redis: the registry is lost\n");
      losses = 0; seq = 0; member[0] = 0;
      member[1] = (WATCHED_GATEWAYS == 1);
      for (i : 1 .. ANNOUNCEMENTS) { logged[i] = 0 }
      for (i : 0 .. GATEWAYS - 1) {
        LEASE_BEFORE(LOSS, i) = lease[i];
        RENEWAL_BEFORE(LOSS, i) = (renewal[i] != IDLE)
      }
      i = 0;
#ifndef FAILOVER_UNNOTICED
      incarnation = 1
#endif
    }
#ifdef STALE_REPLICA
  :: d_step { replica[0] != ended[0] -> replica[0] = ended[0] }
#endif
  od
}

#ifdef TOUCH_REVIVES
/* Records the last use of a session by reading the record and writing it back whole. */
proctype Touch() {
  !ended[0];
  ended[0] = 0
}
#endif

init {
  atomic {
    byte s;
    /* The first revoke is of the watched session, the second of the same or of the other. */
#ifdef SECOND_REVOKE_OF
    s = SECOND_REVOKE_OF;
#else
    if
    :: s = 0
    :: s = 1
    fi;
#endif
    run Revoke(0, 0);
#ifndef ONE_REVOKE
    run Revoke(1, s);
#endif
    run World();
#if WATCHED_GATEWAYS == 2
    run Clock(1);
    run Network(1);
    run Gateway(1);
#else
    member[1] = 1;
    run Neighbour(1);
#endif
    run Clock(0);
    run Network(0);
#ifdef TOUCH_REVIVES
    run Touch();
#endif
    run Gateway(0)
  }
}

#ifdef LIVENESS
/* Every revoke ends, and what a crash left behind is announced. */
ltl every_revoke_ends { <> (finished[0] && finished[1] && !pending[0] && !pending[1]) }
#endif
