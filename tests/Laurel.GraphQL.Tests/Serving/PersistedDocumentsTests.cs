using System.Collections.Immutable;
using Laurel.GraphQL.Serving;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>Documents that a request names and does not send: laid down beforehand, or by the clients themselves as Apollo's do.</summary>
public sealed class PersistedDocumentsTests
{
    private const string Text = "{ dear }";

    private static readonly string s_hash = Services.HashOf(Text);

    [Fact]
    public void TheClientSendsItOnce_When_ADocumentIsPersistedAutomatically()
    {
        var service = Services.With(new());

        var unknown = service.Prepare(Services.Hashed(null, s_hash));
        unknown.Fault.ShouldBe(PreparationFault.PersistedNotFound);
        var error = unknown.Errors.ShouldHaveSingleItem();
        error.Message.ShouldBe("PersistedQueryNotFound");
        error.Extensions!["code"].ShouldBe("PERSISTED_QUERY_NOT_FOUND");

        service.Prepare(Services.Hashed(Text, s_hash)).Succeeded.ShouldBeTrue();
        service.Prepare(Services.Hashed(null, s_hash)).Succeeded.ShouldBeTrue();
        service.Prepare(Services.Hashed(Text, s_hash)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void NothingIsPersisted_When_TheHashIsNotThatOfTheText()
    {
        var service = Services.With(new());
        service.Prepare(Services.Request("{ __typename }")).Succeeded.ShouldBeTrue();

        // Else whoever is first could lay down a document of his own under the hash of another's.
        var prepared = service.Prepare(Services.Hashed("{ __typename }", s_hash));

        prepared.Fault.ShouldBe(PreparationFault.PersistedMismatch);
        prepared.Errors.ShouldHaveSingleItem().Message.ShouldBe("provided sha does not match query");
        service.Prepare(Services.Hashed(null, s_hash)).Fault.ShouldBe(PreparationFault.PersistedNotFound);
    }

    [Theory]
    [InlineData("""{ "persistedQuery": { "version": 2, "sha256Hash": "00" } }""")]
    [InlineData("""{ "persistedQuery": { "version": "1", "sha256Hash": "00" } }""")]
    [InlineData("""{ "persistedQuery": { "sha256Hash": "00" } }""")]
    [InlineData("""{ "persistedQuery": { "version": 1, "sha256Hash": 5 } }""")]
    [InlineData("""{ "persistedQuery": { "version": 1 } }""")]
    [InlineData("""{ "persistedQuery": "00" }""")]
    public void TheRequestIsRefused_When_ItsExtensionCannotBeRead(string extensions) =>
        Services.With(new()).Prepare(new() { Query = Text, Extensions = Services.Json(extensions) }).Fault.ShouldBe(PreparationFault.PersistedMismatch);

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{ "persistedQuery": null, "other": 1 }""")]
    public void TheTextCounts_When_NoHashIsNamed(string extensions) =>
        Services.With(new()).Prepare(new() { Query = Text, Extensions = Services.Json(extensions) }).Succeeded.ShouldBeTrue();

    [Fact]
    public void ClientsSendTheText_When_AutomaticPersistenceIsOff()
    {
        var service = Services.With(new() { AllowsAutomaticPersistence = false });

        foreach (var request in new[] { Services.Hashed(null, s_hash), Services.Hashed(Text, s_hash) })
        {
            var prepared = service.Prepare(request);
            prepared.Fault.ShouldBe(PreparationFault.PersistedNotSupported);
            var error = prepared.Errors.ShouldHaveSingleItem();
            error.Message.ShouldBe("PersistedQueryNotSupported");
            error.Extensions!["code"].ShouldBe("PERSISTED_QUERY_NOT_SUPPORTED");
        }
    }

    [Fact]
    public void OnlyTheseAreAnswered_When_TheServiceSaysSo()
    {
        var service = Services.With(new()
        {
            PersistedDocuments = ImmutableDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create(s_hash, Text), new("names", "{ member { name } }")]),
            OnlyPersistedDocuments = true,
        });

        service.Prepare(Services.Hashed(null, s_hash)).Succeeded.ShouldBeTrue();
        service.Prepare(new() { DocumentId = "names" }).Succeeded.ShouldBeTrue();
        service.Prepare(Services.Request(Text)).Succeeded.ShouldBeTrue();
        service.Prepare(Services.Request("{ __typename }")).Fault.ShouldBe(PreparationFault.NotPersisted);
        service.Prepare(Services.Hashed("{ __typename }", Services.HashOf("{ __typename }"))).Fault.ShouldBe(PreparationFault.NotPersisted);
        service.Prepare(new() { DocumentId = "nothing" }).Fault.ShouldBe(PreparationFault.PersistedNotFound);
        service.Prepare(Services.Hashed(null, "00")).Fault.ShouldBe(PreparationFault.PersistedNotFound);
    }

    [Fact]
    public void OthersAreAnsweredToo_When_DocumentsArePersisted()
    {
        var service = Services.With(new()
        {
            PersistedDocuments = ImmutableDictionary<string, string>.Empty.Add(s_hash, Text),
            AllowsAutomaticPersistence = false,
            CachedDocumentsMax = 0,
        });

        service.Prepare(Services.Hashed(null, s_hash)).Succeeded.ShouldBeTrue();
        service.Prepare(Services.Request("{ __typename }")).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void TheServiceIsNotMade_When_PersistedDocumentsDoNotFitTheSchema()
    {
        var documents = ImmutableDictionary<string, string>.Empty.Add("a", "{ nobody }").Add("b", "{").Add("c", Text);

        var refused = Should.Throw<ArgumentException>(() => Services.With(new() { PersistedDocuments = documents }));

        refused.Message.ShouldContain("a: Cannot query field \"nobody\"");
        refused.Message.ShouldContain("b: Syntax Error");
        refused.Message.ShouldNotContain("c: ");
    }
}
