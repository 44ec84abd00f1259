// Looks at a log of ours with Go's own sumdb packages: its checkpoint, its tiles, its proofs. They are none of ours.
//
//	log FOLDER VERIFIER SIDECAR OLD-CHECKPOINT CONSISTENCY
//
// Says "ok" if all of it holds and everything that was changed is refused.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func demand(fact bool, what string) {
	if !fact {
		must(fmt.Errorf("not so: %s", what))
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err)
	return data
}

type tiles struct{ folder string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(all []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range all {
		// Go puts the height into the path, the document does not.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func open(text []byte, known note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(text, known)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}, nil
}

func hashes(lines []string) []tlog.Hash {
	var out []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		must(err)
		out = append(out, hash)
	}
	return out
}

func same(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func main() {
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	known := note.VerifierList(verifier)
	checkpoint := read(filepath.Join(folder, "checkpoint"))
	tree, err := open(checkpoint, known)
	must(err)
	for place := range checkpoint {
		changed := append([]byte{}, checkpoint...)
		// Not the lowest bits: the last letter of a signature in base64 has two that say nothing.
		changed[place] ^= 4
		_, err := open(changed, known)
		demand(err != nil, "a changed checkpoint is refused")
	}
	reader := tlog.TileHashReader(tree, tiles{folder})

	// Every entry, out of the bundles, is in the tree that the checkpoint signs.
	var index int64
	for bundle := int64(0); index < tree.N; bundle++ {
		path := fmt.Sprintf("%03d", bundle)
		if tree.N-bundle*256 < 256 {
			path += fmt.Sprintf(".p/%d", tree.N-bundle*256)
		}
		data := read(filepath.Join(folder, "tile/entries", path))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			entry := data[2 : 2+length]
			data = data[2+length:]
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			must(err)
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
			changed := append([]byte{}, entry...)
			changed[0] ^= 1
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(changed))
			demand(err != nil, "a changed entry is refused")
			index++
		}
	}

	// Our proof is Go's own proof.
	sidecar := read(os.Args[3])
	parts := bytes.SplitN(sidecar, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	demand(lines[0] == "c2sp.org/tlog-proof@v1", "the sidecar's first line")
	opening, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err)
	place, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err)
	state, err := open(parts[1], known)
	must(err)
	commitment := sha256.Sum256(opening)
	ours := hashes(lines[3:])
	must(tlog.CheckRecord(ours, state.N, state.Hash, place, tlog.RecordHash(commitment[:])))
	own, err := tlog.ProveRecord(state.N, place, reader)
	must(err)
	demand(same(ours, own), "our inclusion proof is Go's")
	opening[40] ^= 1
	commitment = sha256.Sum256(opening)
	err = tlog.CheckRecord(ours, state.N, state.Hash, place, tlog.RecordHash(commitment[:]))
	demand(err != nil, "a changed opening is refused")

	// So is our proof that the log grew.
	old, err := open(read(os.Args[4]), known)
	must(err)
	ours = hashes(strings.Fields(string(read(os.Args[5]))))
	must(tlog.CheckTree(ours, tree.N, tree.Hash, old.N, old.Hash))
	grown, err := tlog.ProveTree(tree.N, old.N, reader)
	must(err)
	demand(same(ours, tlog.RecordProof(grown)), "our consistency proof is Go's")
	old.Hash[0] ^= 1
	demand(tlog.CheckTree(ours, tree.N, tree.Hash, old.N, old.Hash) != nil, "another past is refused")

	fmt.Println("ok", tree.N)
}
