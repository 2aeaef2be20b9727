#include "net/tls.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ssl.hpp>

namespace orchestra::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

constexpr std::array<unsigned char, 18> kServed = {8, 'h', 't', 't', 'p', '/', '1', '.', '1',
                                                   8, 'h', 't', 't', 'p', '/', '1', '.', '0'};

// RFC 7301: picks the newest that is offered; a client that offers only others gets a fatal alert.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int verdict = SSL_select_next_proto(&chosen, out_size, kServed.data(), kServed.size(), offered, offered_size);
  *out = chosen;
  return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

ssl::context modern_context(ssl::context::method method) {
  ssl::context context(method);
  SSL_CTX* raw = context.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

// Without it OpenSSL asks the terminal for an encrypted key's passphrase, and the server would hang at its start.
int no_passphrase(char*, int, int, void* asked) {
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return -1;
}

// No client that checks certificates would accept it: better said at the start than found out by every caller.
Result<void> check_dates(const SSL_CTX* context, const std::string& file) {
  const X509* certificate = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    return fail(Fault::kInvalid, fmt::format("The TLS certificate {} has expired. Renew it.", file));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    return fail(Fault::kInvalid,
                fmt::format("The TLS certificate {} is not valid yet. Check the clock of this machine.", file));
  }
  return {};
}

}  // namespace

Result<ssl::context> server_tls(const std::string& certificate_file, const std::string& key_file) {
  ssl::context context = modern_context(ssl::context::tls_server);
  error_code error;
  context.use_certificate_chain_file(certificate_file, error);
  if (error) {
    return fail(Fault::kInvalid,
                fmt::format("The TLS certificate {} cannot be used: {}.", certificate_file, error.message()));
  }
  TRY_VOID(check_dates(context.native_handle(), certificate_file));
  bool encrypted = false;
  SSL_CTX_set_default_passwd_cb(context.native_handle(), no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context.native_handle(), &encrypted);
  context.use_private_key_file(key_file, ssl::context::pem, error);
  SSL_CTX_set_default_passwd_cb_userdata(context.native_handle(), nullptr);  // Asio would delete it
  if (encrypted) {
    return fail(Fault::kInvalid, fmt::format("The TLS key {} is encrypted. Give the server a key without a passphrase: "
                                             "openssl pkey -in KEY -out PLAIN_KEY",
                                             key_file));
  }
  if (error || SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return fail(Fault::kInvalid, fmt::format("The TLS key {} cannot be used with the certificate {}: {}.", key_file,
                                             certificate_file, error ? error.message() : "it belongs to another one"));
  }
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, nullptr);
  return context;
}

Result<ssl::context> client_tls(const std::string& ca_file) {
  ssl::context context = modern_context(ssl::context::tls_client);
  error_code error;
  // A machine without a store has no trusted authority: handshakes then fail, as they must.
  context.set_default_verify_paths(error);
  if (!ca_file.empty()) {
    context.load_verify_file(ca_file, error);
    if (error)
      return fail(Fault::kInvalid, fmt::format("The CA file {} cannot be used: {}.", ca_file, error.message()));
  }
  context.set_verify_mode(ssl::verify_peer, error);
  SSL_CTX_set_alpn_protos(context.native_handle(), kHttp11.data(), kHttp11.size());
  return context;
}

}  // namespace orchestra::net
