using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Writes;

/// <summary>A secret as the reply has it that is kept for repeats: sealed.</summary>
/// <param name="Purpose">What it was sealed for.</param>
/// <param name="Owner">The id of the thing that it belongs to.</param>
public readonly record struct SealedSecret(TenantId Tenant, string Purpose, long Owner, byte[] Stored);

/// <summary>Answers a thing together with the secret that the call made of it, also when the call is repeated, and never else.</summary>
/// <param name="type">Of the reply.</param>
/// <param name="secretOf">The secret that a reply has.</param>
/// <param name="show">The reply as it is shown: with the secret in the open, or without one.</param>
/// <param name="pathOf">Where the thing is found.</param>
public sealed class SecretResponse<TReply>(
    JsonTypeInfo<TReply> type, Func<TReply, SealedSecret> secretOf, Func<TReply, byte[]?, TReply> show, Func<TReply, string> pathOf)
    where TReply : class
{
    /// <param name="status">The status of an applied write: 200 or 201.</param>
    public async Task WriteAsync(HttpContext context, Outcome outcome, int status, SecretVault vault)
    {
        var reply = outcome switch
        {
            Outcome.Applied applied => (TReply)applied.Reply,
            Outcome.Replayed { Reply: { Applied: true } frozen } => JsonSerializer.Deserialize(frozen.Body, type),
            _ => null,
        };
        if (reply is null)
        {
            await WriteResponse.WriteAsync(context, outcome, status, type);
            return;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status201Created)
        {
            context.Response.Headers.Location = pathOf(reply);
        }

        // A reply is kept as it was, also when the master key is dropped that its secret is under: then it is told without.
        var secret = secretOf(reply);
        var shown = vault.Knows(secret.Stored) ? vault.Open(secret.Tenant, secret.Purpose, secret.Owner, secret.Stored) : null;
        await WriteResponse.WriteAsync(context, status, show(reply, shown), type);
    }
}
