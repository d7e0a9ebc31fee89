// SPDX-License-Identifier: MIT
/*
 * Loaded into OpenSMTPD before OpenSSL 3 (LD_PRELOAD): the key it shows to TLS.
 *
 * Its processes that speak TLS hold a public key and pass what is to be signed to another process,
 * by a mark in the RSA or EC object inside the EVP_PKEY. OpenSSL 3 gives out a copy of that
 * object, so the mark would be lost. Here the copy, mark and all, becomes the key.
 */
#include <dlfcn.h>
#include <stddef.h>

enum {
	KEY_RSA = 6,
	KEY_EC = 408,
};

void *EVP_PKEY_new(void);
void EVP_PKEY_free(void *key);
void *EVP_PKEY_get1_RSA(void *key);
void *EVP_PKEY_get1_EC_KEY(void *key);
int EVP_PKEY_get_base_id(const void *key);
int EVP_PKEY_assign(void *key, int type, void *object);
int SSL_CTX_use_PrivateKey(void *context, void *key);

int SSL_CTX_use_PrivateKey(void *context, void *key)
{
	int (*use)(void *, void *) = NULL;
	*(void **)&use = dlsym(RTLD_NEXT, "SSL_CTX_use_PrivateKey");
	int type = EVP_PKEY_get_base_id(key);
	void *object = type == KEY_RSA  ? EVP_PKEY_get1_RSA(key)
		       : type == KEY_EC ? EVP_PKEY_get1_EC_KEY(key)
					: NULL;
	void *marked = EVP_PKEY_new();
	int ok = object && marked && EVP_PKEY_assign(marked, type, object) && use(context, marked);
	EVP_PKEY_free(marked);
	return ok;
}
