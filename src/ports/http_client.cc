#include "ports/http_client.h"

namespace orchestra {

Task<std::string> read_all(ClientResponse& response, std::size_t limit, TimePoint by) {
  std::string body;
  while (true) {
    CO_TRY(const std::string_view bytes, co_await response.read(by));
    if (bytes.empty()) co_return body;
    if (body.size() + bytes.size() > limit) {
      co_return fail(Fault::kUpstream, "The upstream's answer is larger than this server accepts.");
    }
    body += bytes;
  }
}

}  // namespace orchestra
