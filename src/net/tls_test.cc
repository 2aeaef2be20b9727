#include "net/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include "net/test_loop.h"

namespace orchestra::net {
namespace {

// A self-signed certificate for 127.0.0.1 and its key, as PEM files; deleted at the end.
class SelfSigned {
 public:
  explicit SelfSigned(const char* names) {
    const std::string stem = testing::TempDir() + fmt::format("net-tls-{}-{}", ::getpid(), names[0]);
    certificate_file = stem + ".crt";
    key_file = stem + ".key";
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* alternative = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(certificate, alternative, -1);
    X509_EXTENSION_free(alternative);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* file = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~SelfSigned() {
    std::remove(certificate_file.c_str());
    std::remove(key_file.c_str());
  }
  std::string certificate_file, key_file;
};

class TlsTest : public LoopTest {
 protected:
  TlsTest() {
    handler.function = [this](Exchange& exchange) -> Task<void> {
      if (stream_blocks == 0) {
        co_return co_await exchange.respond(
            {.status = 200, .content_type = {}, .body = "over TLS: " + exchange.request().body, .fields = {}});
      }
      (void)co_await exchange.begin({});
      for (int i = 0; i < stream_blocks; ++i) (void)co_await exchange.write(std::string(50'000, 'x'));
      co_return co_await exchange.finish();
    };
    options.tls = ServerTls{.certificate_file = own.certificate_file, .key_file = own.key_file};
    server.emplace(loop, options, handler, clock);
    EXPECT_TRUE(server->listen());
  }
  Task<std::string> fetch(Client& client, std::string host) {
    ClientRequest request;
    request.endpoint = {.tls = true, .host = std::move(host), .port = server->port(), .unix_path = {}};
    request.target = "/";
    const std::string_view piece = "hello";
    request.body = {&piece, 1};
    CO_TRY(auto response, co_await client.send(request));
    co_return co_await read_all(*response, 10 << 20, clock.now() + Seconds(5));
  }

  SelfSigned own{"IP:127.0.0.1"}, other{"DNS:elsewhere.example"};
  FunctionHandler handler;
  ServerOptions options;
  std::optional<Server> server;
  int stream_blocks = 0;
};

TEST_F(TlsTest, ServesTrustedClientsOnKeptConnections) {
  Client client(loop, {.ca_file = own.certificate_file}, clock);
  for (int i = 0; i < 3; ++i) {
    const auto text = run(fetch(client, "127.0.0.1"));
    ASSERT_TRUE(text) << text.error().what;
    EXPECT_EQ(*text, "over TLS: hello");
  }
  EXPECT_EQ(server->stats().connections.load(), 1u);
  stream_blocks = 40;
  const auto text = run(fetch(client, "127.0.0.1"));
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_EQ(text->size(), 40u * 50'000);
}

TEST_F(TlsTest, ClientsCheckTheCertificate) {
  Client stranger(loop, {}, clock);
  auto text = run(fetch(stranger, "127.0.0.1"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().fault, Fault::kUpstream);
  EXPECT_TRUE(text.error().unsent);
  EXPECT_NE(text.error().what.find("certificate"), std::string::npos) << text.error().what;
  Client misled(loop, {.ca_file = own.certificate_file}, clock);
  text = run(fetch(misled, "localhost"));
  ASSERT_FALSE(text) << "trusted, but for another name";
  EXPECT_NE(text.error().what.find("certificate"), std::string::npos) << text.error().what;
}

TEST_F(TlsTest, PlainHttpOnATlsPortIsClosed) {
  RawSocket client = RawSocket::connect(server->port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until_closed(client));
}

TEST_F(TlsTest, FilesThatDoNotFitAreNamed) {
  EXPECT_EQ(server_tls("/nowhere.crt", own.key_file).error().fault, Fault::kInvalid);
  EXPECT_EQ(server_tls(own.certificate_file, other.key_file).error().fault, Fault::kInvalid);
  EXPECT_EQ(client_tls("/nowhere.crt").error().fault, Fault::kInvalid);
}

}  // namespace
}  // namespace orchestra::net
