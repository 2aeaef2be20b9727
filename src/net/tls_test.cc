#include "net/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl.hpp>
#include <cstdio>

#include "net/connector.h"
#include "net/test_loop.h"

namespace orchestra::net {
namespace {

// A self-signed certificate for 127.0.0.1 and its key, as PEM files; deleted at the end.
class SelfSigned {
 public:
  // Valid from an hour ago until `valid_for`.
  explicit SelfSigned(const char* names, Seconds valid_for = Seconds(3600), const char* passphrase = nullptr) {
    static int count = 0;
    const std::string stem = testing::TempDir() + fmt::format("net-tls-{}-{}", ::getpid(), count++);
    certificate_file = stem + ".crt";
    key_file = stem + ".key";
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_for.count());
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
    PEM_write_PrivateKey(file, key, passphrase ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                         const_cast<char*>(passphrase));
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

  // What a raw client gets until the end; an error when the end came without close_notify.
  Task<std::string> fetch_until_end(std::string_view request, std::string_view protocols = "\x08http/1.1") {
    const auto wheel = std::make_shared<Deadlines>(loop, clock);
    const TimePoint by = clock.now() + Seconds(5);
    AddressBook book(Seconds(1), clock);
    const Endpoint endpoint{.tls = true, .host = "127.0.0.1", .port = server->port(), .unix_path = {}};
    CO_TRY(auto socket, co_await connect_socket(wheel, book, endpoint, {.by = by, .next_address_after = Seconds(1)}));
    const auto channel = std::make_shared<Channel>(std::move(*socket), wheel);
    CO_TRY(auto context, client_tls(own.certificate_file));
    SSL_CTX_set_alpn_protos(context.native_handle(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    CO_TRY_VOID(co_await channel->handshake(context, endpoint.host, by));
    (void)co_await channel->write_rest({&request, 1}, 0, Seconds(5));
    while (!channel->ended()) {
      channel->set(by);
      if (co_await channel->next_read() != Wake::kRead) co_return fail(Fault::kTimeout, "the connection stays open");
    }
    std::string text(channel->unread_text());
    const bool clean = channel->ended_cleanly();
    channel->close();
    if (!clean) co_return fail(Fault::kUpstream, "cut without close_notify");
    co_return text;
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

TEST_F(TlsTest, PlainHttpOnATlsPortIsToldSo) {
  RawSocket client = RawSocket::connect(server->port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until_closed(client));
  EXPECT_TRUE(client.received.starts_with("HTTP/1.1 400")) << client.received;
  EXPECT_NE(client.received.find("use https://"), std::string::npos) << client.received;
  RawSocket nonsense = RawSocket::connect(server->port());
  nonsense.send(std::string(100, '\1'));
  EXPECT_TRUE(until_closed(nonsense));
}

std::string refused_files(const std::string& certificate_file, const std::string& key_file) {
  const auto context = server_tls(certificate_file, key_file);
  if (context) return {};
  EXPECT_EQ(context.error().fault, Fault::kInvalid);
  return context.error().what;
}

TEST_F(TlsTest, FilesThatDoNotFitAreNamed) {
  EXPECT_EQ(refused_files("/nowhere.crt", own.key_file).find("The TLS certificate /nowhere.crt cannot be used: "), 0U);
  EXPECT_EQ(refused_files(own.certificate_file, "/nowhere.key").find("The TLS key /nowhere.key cannot be used "), 0U);
  EXPECT_NE(refused_files(own.certificate_file, other.key_file).find("mismatch"), std::string::npos);
  EXPECT_EQ(client_tls("/nowhere.crt").error().fault, Fault::kInvalid);
}

TEST_F(TlsTest, AnExpiredCertificateIsNotServed) {
  const SelfSigned expired("IP:127.0.0.1", Seconds(-60));
  EXPECT_NE(refused_files(expired.certificate_file, expired.key_file).find("has expired"), std::string::npos);
}

TEST_F(TlsTest, AnEncryptedKeyIsRefusedWithoutAskingForItsPassphrase) {
  const SelfSigned locked("IP:127.0.0.1", Seconds(3600), "open sesame");
  EXPECT_NE(refused_files(locked.certificate_file, locked.key_file).find("is encrypted"), std::string::npos);
}

TEST_F(TlsTest, AgreesOnAProtocolThatItSpeaks) {
  constexpr std::string_view kRequest = "GET / HTTP/1.0\r\n\r\n";
  EXPECT_TRUE(run(fetch_until_end(kRequest, "\x08http/1.0")));
  EXPECT_TRUE(run(fetch_until_end(kRequest, "\x02h2\x08http/1.1")));
  EXPECT_FALSE(run(fetch_until_end(kRequest, "\x02h2")));
}

// An answer that lasts until the end of the connection can only be told from a cut one by close_notify.
TEST_F(TlsTest, AnAnswerEndsWithCloseNotify) {
  stream_blocks = 1;
  const auto text = run(fetch_until_end("GET / HTTP/1.0\r\n\r\n"));
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_TRUE(text->ends_with(std::string(50'000, 'x')));
  const auto refusal = run(fetch_until_end("GET / HTTP/9.9\r\n\r\n"));
  ASSERT_TRUE(refusal) << refusal.error().what;
  EXPECT_TRUE(refusal->starts_with("HTTP/1.1 505"));
}

}  // namespace
}  // namespace orchestra::net
