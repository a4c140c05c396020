using System.Collections.Concurrent;

namespace Laurel.GraphQL.Serving;

/// <summary>Keeps documents by their text, and by their hash those whose clients ask for it.</summary>
/// <remarks>
/// Two lines (S3-FIFO): who comes waits in a short one, and goes over to the long one if asked for meanwhile. So strangers who send ever new
/// documents push each other out and not what is used. Of whom was let go the hash is remembered for a while; a document that comes back goes to
/// the long line at once. Reading takes no lock and moves nothing.
/// </remarks>
internal sealed class DocumentCache(int documentsMax, long bytesMax)
{
    private const int NewcomersPart = 10;
    private const int UsesMax = 3;

    private readonly ConcurrentDictionary<string, Entry> byText = new(TextHash.Instance);
    private readonly ConcurrentDictionary<string, Entry> byHash = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly Line newcomers = new();
    private readonly Line residents = new();
    private readonly Queue<int> departed = new();
    private readonly HashSet<int> departedHashes = [];

    public int Count => byText.Count;

    public long BytesEstimated
    {
        get
        {
            lock (gate)
            {
                return newcomers.Bytes + residents.Bytes;
            }
        }
    }

    public CheckedDocument? Find(string text) => Use(byText.GetValueOrDefault(text));

    public CheckedDocument? FindByHash(string hash) => Use(byHash.GetValueOrDefault(hash));

    /// <summary>Keeps a document, unless it alone would fill the short line.</summary>
    public void Add(CheckedDocument document)
    {
        if (document.BytesEstimated > bytesMax / NewcomersPart || documentsMax == 0)
        {
            return;
        }

        lock (gate)
        {
            var entry = new Entry(document);
            if (!byText.TryAdd(document.Text, entry))
            {
                return;
            }

            (departedHashes.Remove(HashOf(document.Text)) ? residents : newcomers).Add(entry);
            while (newcomers.Count + residents.Count > documentsMax || newcomers.Bytes + residents.Bytes > bytesMax)
            {
                LetGo();
            }
        }
    }

    /// <summary>Whether a document is kept under that hash, which was found to be its own.</summary>
    public bool Has(CheckedDocument document, string hash) =>
        byHash.TryGetValue(hash, out var entry) && ReferenceEquals(entry.Document, document);

    /// <summary>Lets a document be found by its hash for as long as it is kept.</summary>
    public void AddHash(CheckedDocument document, string hash)
    {
        lock (gate)
        {
            if (byText.TryGetValue(document.Text, out var entry))
            {
                entry.Hash = hash;
                byHash[hash] = entry;
            }
        }
    }

    private static CheckedDocument? Use(Entry? entry)
    {
        // Two threads may count one use; no more than that is at stake.
        if (entry is { Uses: < UsesMax })
        {
            entry.Uses++;
        }

        return entry?.Document;
    }

    /// <summary>One step: somebody goes, or goes over, or loses one of its uses.</summary>
    private void LetGo()
    {
        var isShortLineFull = newcomers.Count * NewcomersPart > documentsMax || newcomers.Bytes > bytesMax / NewcomersPart;
        if (residents.Count == 0 || newcomers.Count > 0 && isShortLineFull)
        {
            var entry = newcomers.Take();
            if (entry.Uses > 0)
            {
                entry.Uses = 0;
                residents.Add(entry);
                return;
            }

            Remove(entry);
            Remember(HashOf(entry.Document.Text));
        }
        else
        {
            var entry = residents.Take();
            if (entry.Uses > 0)
            {
                entry.Uses--;
                residents.Add(entry);
                return;
            }

            Remove(entry);
        }
    }

    private void Remove(Entry entry)
    {
        byText.TryRemove(entry.Document.Text, out _);
        if (entry.Hash is { } hash)
        {
            byHash.TryRemove(hash, out _);
        }
    }

    private void Remember(int hash)
    {
        if (departedHashes.Add(hash))
        {
            departed.Enqueue(hash);
        }

        if (departed.Count > documentsMax)
        {
            departedHashes.Remove(departed.Dequeue());
        }
    }

    private static int HashOf(string text) => TextHash.Instance.GetHashCode(text);

    private sealed class Entry(CheckedDocument document)
    {
        public CheckedDocument Document => document;

        public int Uses { get; set; }

        public string? Hash { get; set; }
    }

    /// <summary>Who came first goes first.</summary>
    private sealed class Line
    {
        private readonly Queue<Entry> entries = new();

        public int Count => entries.Count;

        public long Bytes { get; private set; }

        public void Add(Entry entry)
        {
            entries.Enqueue(entry);
            Bytes += entry.Document.BytesEstimated;
        }

        public Entry Take()
        {
            var entry = entries.Dequeue();
            Bytes -= entry.Document.BytesEstimated;
            return entry;
        }
    }
}
