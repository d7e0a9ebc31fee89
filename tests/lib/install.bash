# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Sourced by tests/run, tests/try, dist/build-deb and .ci/run: installs the Debian packages that are
# missing, builds, and runs the Python tests.

# need PACKAGE...: installs what is not there, with sudo where we are not root, and says so.
need() {
	local missing=() package as_root=()
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
			missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo)
		command -v sudo >/dev/null || {
			echo "$0: neither root nor sudo; please install: ${missing[*]}" >&2
			return 1
		}
	fi
	local log
	log=$(mktemp)
	if "${as_root[@]}" apt-get update -q >"$log" 2>&1 &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
			--no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
		rm -f "$log"
	else
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
}

# What it takes to build the program.
BUILD_PACKAGES=(gcc libc6-dev meson ninja-build pkg-config libgnutls28-dev libgsasl-dev libidn2-dev)
# The smarthost of the demonstration and of the tests.
SERVER_PACKAGES=(python3 python3-aiosmtpd openssl)
# The tests and lints of tests/run.
TEST_PACKAGES=(libcmocka-dev python3-pytest python3-pytest-xdist python3-cryptography gnutls-bin
	softhsm2 pmccabe mandoc clang-format shellcheck cppcheck musl-tools binutils git strace iproute2
	nftables util-linux media-types)
# What it takes to build the Debian packages.
PACKAGE_PACKAGES=(debhelper dh-apparmor dpkg-dev fakeroot git libcmocka-dev lintian xz-utils)

# build FOLDER [OPTION...]: configures, builds, shows the log only when that fails.
build() {
	local folder=$1 log setup=(meson setup)
	shift
	log=$(mktemp)
	[ ! -f "$folder/build.ninja" ] || setup+=(--reconfigure)
	if "${setup[@]}" "$folder" "$@" >"$log" 2>&1 && ninja -C "$folder" >>"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	tail -n 60 "$log" >&2
	rm -f "$log"
	return 1
}

# python_tests XML PATH...: runs the tests below the paths side by side and writes what came of them to
# XML, but for those marked ci. Many of them wait for deadlines, so that twice as many as there are
# cores pay; more than four would only disturb those that measure time. Tests of one xdist_group stay
# together.
python_tests() {
	local xml=$1 workers
	shift
	workers=$((2 * $(nproc)))
	workers=$((workers > 4 ? 4 : workers))
	/usr/bin/python3 -m pytest -q -p no:cacheprovider -m "not ci" -n "$workers" --dist loadgroup \
		--junitxml="$xml" "$@"
}
