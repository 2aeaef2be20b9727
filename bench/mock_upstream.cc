// A fast OpenAI-shaped upstream for measurements: one epoll loop, canned answers, no parsing beyond the head's end.
//
//   mock_upstream PORT [EVENTS] [TICK_MS]
//
// Whole chats are answered at once with a usage block. Streams send EVENTS (default 32) content events, one per tick of
// TICK_MS (default 5) for all streams together, then the finish, the usage if asked for, and [DONE].
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace {

struct Client {
  std::string in;
  int events_left = -1;  // of a running stream
  bool usage = false;
};

std::string chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return std::string(size) + std::string(data) + "\r\n";
}

const std::string kWholeBody =
    R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"Forty-two is the answer that was asked for, and it is short."},)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":14,"total_tokens":38}})";
const std::string kWhole =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(kWholeBody.size()) +
    "\r\n\r\n" + kWholeBody;
const std::string kList =
    R"({"object":"list","data":[{"id":"bench","object":"model","created":1700000000,"owned_by":"bench"}]})";
const std::string kListAnswer =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(kList.size()) +
    "\r\n\r\n" + kList;
const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

std::string event(std::string_view choices, std::string_view tail = "") {
  return chunk(
      "data: "
      "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
      "\"choices\":" +
      std::string(choices) + std::string(tail) + "}\n\n");
}

const std::string kFirst = event(R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])");
const std::string kContent = event(R"([{"index":0,"delta":{"content":"word "},"finish_reason":null}])");
const std::string kFinish = event(R"([{"index":0,"delta":{},"finish_reason":"stop"}])");
const std::string kUsage = event("[]", R"(,"usage":{"prompt_tokens":24,"completion_tokens":32,"total_tokens":56})");
const std::string kDone = chunk("data: [DONE]\n\n") + "0\r\n\r\n";

// Small answers on loopback: the socket buffer always has room.
void put(int socket, std::string_view bytes) {
  if (send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
}

// Takes one whole request off the front of `in`; false while it is not all there.
bool take_request(std::string& in, bool& stream, bool& usage, bool& list) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  std::size_t length = 0;
  for (const char* name : {"content-length:", "Content-Length:"}) {
    const auto at = in.find(name);
    if (at != std::string::npos && at < end) length = std::strtoul(in.c_str() + at + 15, nullptr, 10);
  }
  if (in.size() < end + 4 + length) return false;
  const std::string_view body(in.data() + end + 4, length);
  list = in.starts_with("GET ");
  stream = body.find("\"stream\":true") != std::string_view::npos;
  usage = body.find("\"include_usage\":true") != std::string_view::npos;
  in.erase(0, end + 4 + length);
  return true;
}

void answer(int socket, Client& client, int events) {
  bool stream = false;
  bool list = false;
  while (take_request(client.in, stream, client.usage, list)) {
    if (stream) {
      client.events_left = events;
      put(socket, kStreamHead + kFirst);
    } else {
      put(socket, list ? kListAnswer : kWhole);
    }
  }
}

void tick(std::map<int, Client>& clients) {
  for (auto& [socket, client] : clients) {
    if (client.events_left < 0) continue;
    if (client.events_left-- > 0) {
      put(socket, kContent);
    } else {
      put(socket, kFinish + (client.usage ? kUsage : "") + kDone);
    }
  }
}

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 4096) != 0) {
    std::perror("mock_upstream");
    std::exit(1);
  }
  return listener;
}

void watch(int poll, int file) {
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.fd = file;
  epoll_ctl(poll, EPOLL_CTL_ADD, file, &interest);
}

void accept_all(int poll, int listener, std::map<int, Client>& clients) {
  for (int client; (client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
    const int one = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    clients[client];
    watch(poll, client);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: mock_upstream PORT [EVENTS] [TICK_MS]\n", stderr), 2;
  const int events = argc > 2 ? std::atoi(argv[2]) : 32;
  const int tick_ms = argc > 3 ? std::atoi(argv[3]) : 5;
  const int listener = listen_on(std::atoi(argv[1]));
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  const itimerspec period{.it_interval = {0, tick_ms * 1'000'000L}, .it_value = {0, tick_ms * 1'000'000L}};
  timerfd_settime(timer, 0, &period, nullptr);
  const int poll = epoll_create1(0);
  watch(poll, listener);
  watch(poll, timer);
  std::map<int, Client> clients;
  std::array<epoll_event, 256> ready{};
  std::array<char, 65536> buffer{};
  while (true) {
    const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int file = ready[static_cast<std::size_t>(i)].data.fd;
      if (file == listener) {
        accept_all(poll, listener, clients);
      } else if (file == timer) {
        std::uint64_t missed = 0;
        if (read(timer, &missed, sizeof missed) > 0) tick(clients);
      } else if (const auto got = recv(file, buffer.data(), buffer.size(), 0); got > 0) {
        Client& client = clients[file];
        client.in.append(buffer.data(), static_cast<std::size_t>(got));
        answer(file, client, events);
      } else {
        clients.erase(file);
        close(file);
      }
    }
  }
}
