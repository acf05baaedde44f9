/* The workload that costs nothing: it records its own start, then does one thing.
 *
 *   child pause        waits for ever
 *   child fail         ends with 1 at once, and records nothing
 *   child serve PORT   answers every HTTP request on 127.0.0.1:PORT with 200
 *   child lines COUNT  writes COUNT numbered lines to stdout, records how long that took, then waits for ever
 *
 * Records go to the file named by BENCH_LEDGER, each by a single append, so that many writers do not mix:
 *   started CLOCK_MONOTONIC_NS PID BENCH_ID
 *   done CLOCK_MONOTONIC_NS PID BENCH_ID NS_TAKEN
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void record(const char *what, long long at, long long taken) {
  const char *path = getenv("BENCH_LEDGER"), *id = getenv("BENCH_ID");
  char line[256];
  int n = snprintf(line, sizeof line, "%s %lld %d %s %lld\n", what, at, (int)getpid(), id ? id : "-", taken);
  int fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  if (fd < 0 || write(fd, line, n) != n) _exit(70);
  close(fd);
}

static void serve(int port) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) _exit(71);
  for (;;) {
    char request[4096];
    int client = accept(listener, 0, 0);
    if (client < 0) continue;
    if (read(client, request, sizeof request) > 0 && write(client, answer, sizeof answer - 1) < 0) { /* it has gone */ }
    close(client);
  }
}

static void lines(long count) {
  static char buffer[64 * 1024];
  long long start = now();
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (long i = 1; i <= count; i++) printf("line %09ld of a workload that has a lot to say for itself\n", i);
  if (fflush(stdout)) _exit(72);
  record("done", now(), now() - start);
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "fail")) return 1;
  record("started", now(), 0);
  if (argc > 2 && !strcmp(argv[1], "serve")) serve(atoi(argv[2]));
  if (argc > 2 && !strcmp(argv[1], "lines")) lines(atol(argv[2]));
  for (;;) pause();
}
