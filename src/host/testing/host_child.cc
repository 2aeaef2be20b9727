// The program that host's tests start: `_launch` as the server has it, and a few ways for a process to behave.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <string_view>

#include "host/launcher.h"
#include "host/spawner.h"

namespace {

// Waits for the end of standard input, as an engine does.
int until_input_ends() {
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
    if (byte == 'q') return 0;
  }
  return 7;
}

int try_sockets() {
  const int unix_socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  printf("unix %s\n", unix_socket >= 0 ? "yes" : "no");
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    printf("family %d %s\n", family, ::socket(family, SOCK_STREAM, 0) >= 0 ? "yes" : "no");
  }
  return 0;
}

int try_files(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    printf("read %s %s\n", argv[i], ::open(argv[i], O_RDONLY) >= 0 ? "yes" : "no");
    const std::string fresh = std::string(argv[i]) + "/made";
    printf("make %s %s\n", argv[i], ::open(fresh.c_str(), O_WRONLY | O_CREAT, 0600) >= 0 ? "yes" : "no");
  }
  return 0;
}

int listen_at(const char* path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  printf("bind %s\n", ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? "yes" : "no");
  return 0;
}

// Spawns a child as the server does, says its number, and waits to be killed.
int be_a_server(const char* self, const char* run_folder) {
  boost::asio::io_context loop;
  orchestra::PosixSpawner spawner(loop, {.run_folder = run_folder, .launcher = self});
  orchestra::SpawnSpec spec;
  spec.name = "worker";
  spec.argv = {self, "deaf"};
  spec.read_only = {self};
  const auto child = spawner.spawn(spec, {.line =
                                              [&](std::string_view) {
                                                printf("ready\n");
                                                fflush(stdout);
                                              },
                                          .exited = [](orchestra::ProcessExit) { exit(3); }});
  if (!child) return 2;
  printf("%d\n", (*child)->pid());
  fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "_launch") return orchestra::launch_main(argc, argv);
  setvbuf(stdout, nullptr, _IOLBF, 0);
  if (mode == "sockets") return try_sockets();
  if (mode == "files") return try_files(argc, argv);
  if (mode == "listen") return listen_at(argv[2]);
  if (mode == "input") return until_input_ends();
  if (mode == "exit") return atoi(argv[2]);
  if (mode == "environment") {
    for (char** entry = environ; *entry != nullptr; ++entry) printf("%s\n", *entry);
    return 0;
  }
  if (mode == "descriptors") {
    for (int fd = 0; fd < 1024; ++fd) {
      if (::fcntl(fd, F_GETFD) >= 0) printf("fd %d\n", fd);
    }
    return 0;
  }
  if (mode == "chatter") {
    for (int i = 0; i < atoi(argv[2]); ++i) printf("line %d of a long output that fills the pipe\n", i);
    fprintf(stderr, "last words");
    return 1;
  }
  if (mode == "deaf") {  // heeds neither its input nor a polite signal
    signal(SIGTERM, SIG_IGN);
    printf("up\n");
    while (true) pause();
  }
  if (mode == "server") return be_a_server(argv[0], argv[2]);
  return 99;
}
