using Laurel.GraphQL.Serving;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>What is kept of the documents that were checked, and who has to go.</summary>
public sealed class DocumentCacheTests
{
    [Fact]
    public void WhatIsAskedForStays_When_StrangersSendEverNewDocuments()
    {
        var cache = new DocumentCache(documentsMax: 100, bytesMax: 1 << 20);
        var used = Enumerable.Range(0, 50).Select(static n => Document($"used {n}")).ToArray();
        foreach (var document in used)
        {
            cache.Add(document);
            cache.Find(document.Text);
        }

        for (var stranger = 0; stranger < 5_000; stranger++)
        {
            cache.Add(Document($"stranger {stranger}"));
            if (stranger % 100 == 0)
            {
                used.ShouldAllBe(document => ReferenceEquals(cache.Find(document.Text), document));
            }
        }

        cache.Count.ShouldBe(100);
    }

    [Fact]
    public void WhoComesBackStays_When_ItWasPushedOutBefore()
    {
        var cache = new DocumentCache(documentsMax: 100, bytesMax: 1 << 20);
        Strangers(0, 200);
        cache.Add(Document("again"));
        Strangers(200, 320);
        cache.Find("again").ShouldBeNull();

        cache.Add(Document("again"));
        Strangers(320, 620);

        cache.Find("again").ShouldNotBeNull();

        void Strangers(int from, int to)
        {
            for (var stranger = from; stranger < to; stranger++)
            {
                cache.Add(Document($"stranger {stranger}"));
            }
        }
    }

    [Fact]
    public void WhatIsNoLongerAskedForGoes_When_OthersAreUsedInItsPlace()
    {
        var cache = new DocumentCache(documentsMax: 20, bytesMax: 1 << 20);
        for (var generation = 0; generation < 10; generation++)
        {
            for (var one = 0; one < 20; one++)
            {
                cache.Add(Document($"{generation}/{one}"));
                for (var use = 0; use < 5; use++)
                {
                    cache.Find($"{generation}/{one}");
                }
            }
        }

        cache.Count.ShouldBe(20);
        Enumerable.Range(0, 20).Count(one => cache.Find($"0/{one}") is not null).ShouldBe(0);
        Enumerable.Range(0, 20).Count(one => cache.Find($"9/{one}") is not null).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void BytesAreBounded_When_DocumentsAreLarge()
    {
        var cache = new DocumentCache(documentsMax: 10_000, bytesMax: 1 << 20);
        for (var one = 0; one < 1_000; one++)
        {
            cache.Add(Document(one + new string(' ', 1_000)));
            cache.BytesEstimated.ShouldBeLessThanOrEqualTo(1 << 20);
        }

        cache.Count.ShouldBeInRange(10, 500);

        // One that alone would push out a tenth of all is not kept.
        var large = new string(' ', 100_000);
        cache.Add(Document(large));
        cache.Find(large).ShouldBeNull();
    }

    [Fact]
    public void AHashGoesWithItsDocument_When_ThatIsPushedOut()
    {
        var cache = new DocumentCache(documentsMax: 10, bytesMax: 1 << 20);
        var document = Document("hashed");
        cache.Add(document);
        cache.AddHash(document, "h");
        cache.FindByHash("h").ShouldBeSameAs(document);
        cache.Has(document, "h").ShouldBeTrue();

        for (var stranger = 0; stranger < 100; stranger++)
        {
            cache.Add(Document($"stranger {stranger}"));
            cache.Find($"stranger {stranger}");
        }

        cache.FindByHash("h").ShouldBeNull();
        cache.AddHash(document, "h");
        cache.FindByHash("h").ShouldBeNull();
    }

    [Fact]
    public void NothingIsKept_When_ThereIsNoRoom()
    {
        var cache = new DocumentCache(documentsMax: 0, bytesMax: 1 << 20);
        cache.Add(Document("a"));

        cache.Count.ShouldBe(0);
    }

    /// <summary>Whatever differs, at any place and in length, tells apart; equal texts are equal wherever they lie.</summary>
    [Fact]
    public void HashesDiffer_When_TextsDo()
    {
        var text = new string('a', 200);
        var hashes = new HashSet<int>();
        for (var length = 0; length <= text.Length; length++)
        {
            hashes.Add(TextHash.Instance.GetHashCode(text[..length]));
            if (length > 0)
            {
                hashes.Add(TextHash.Instance.GetHashCode(text.Remove(length - 1, 1).Insert(length - 1, "b")));
            }
        }

        // Two of 401 have one hash once in fifty thousand runs, three never.
        hashes.Count.ShouldBeGreaterThanOrEqualTo(400);
        TextHash.Instance.GetHashCode(new string(text.AsSpan())).ShouldBe(TextHash.Instance.GetHashCode(text));
    }

    [Fact]
    public async Task CountsStayTrue_When_ThreadsAddAndFind()
    {
        var cache = new DocumentCache(documentsMax: 50, bytesMax: 1 << 20);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
            () =>
            {
                var random = new Random(thread);
                for (var turn = 0; turn < 20_000; turn++)
                {
                    var text = $"{random.Next(200)}";
                    if (cache.Find(text) is { } found)
                    {
                        found.Text.ShouldBe(text);
                        cache.AddHash(found, "hash of " + text);
                    }
                    else
                    {
                        cache.Add(Document(text));
                    }
                }
            },
            TestContext.Current.CancellationToken)));

        cache.Count.ShouldBe(50);
        var kept = Enumerable.Range(0, 200).Count(n => cache.Find($"{n}") is not null);
        kept.ShouldBe(50);
        Enumerable.Range(0, 200).Count(n => cache.FindByHash($"hash of {n}") is { } found && cache.Find($"{n}") != found).ShouldBe(0);
    }

    /// <summary>What is estimated bounds the memory of a server, so it must not be far from what is taken.</summary>
    [Theory]
    [InlineData("{ a0: member(id: 1) { id name points level { name } } ", 40)]
    [InlineData("query Q($id: ID!, $size: Int = 5) { a: search(paging: { size: $size }) { id name } ", 20)]
    public void TheEstimateIsNearTheTruth_When_ADocumentIsKept(string begin, int fields)
    {
        var service = Services.With(new() { AliasesMax = 1_000, CostMax = long.MaxValue });
        Prepare("warm", 3);
        const int Documents = 200;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Prepare("kept", Documents);
        var taken = (GC.GetTotalMemory(forceFullCollection: true) - before) / Documents;

        var text = TextOf("kept", 0);
        var estimated = new DocumentLibrary(service.Executable, service.Options).Find(Services.Request(text)).Document!.BytesEstimated;

        estimated.ShouldBeInRange(taken / 2, taken * 4, $"{taken} bytes are taken for {text.Length} characters");
        GC.KeepAlive(service);

        void Prepare(string name, int count)
        {
            for (var one = 0; one < count; one++)
            {
                service.Prepare(Services.Request(TextOf(name, one), """{ "id": 1 }""")).Errors.ShouldBeEmpty();
            }
        }

        string TextOf(string name, int one) => begin
            + string.Join(' ', Enumerable.Range(1, fields).Select(n => $"{name}{one}x{n}: member(id: {(begin[0] == 'q' ? "$id" : n)}) {{ id name points }}")) + " }";
    }

    private static CheckedDocument Document(string text) => CheckedDocument.Of(text, []);
}
