using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Errors;
using Laurel.Platform.Files;
using Laurel.Platform.Pictures;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Avatars;

/// <summary>Stores pictures of members: written down as what is to be removed, stored, and kept by the profile in the end.</summary>
public sealed class AvatarStore(LaneSet lanes, IFileStore files, SecretVault secrets, MemberBooks books, TimeProvider clock)
{
    /// <summary>Stores a picture and puts it into the member's profile.</summary>
    /// <param name="byStaff">Whether staff sends it, or a system of the shop's.</param>
    /// <returns>Where the picture is answered, and what became of the profile: a <see cref="ProfileReceipt"/> when it was applied.</returns>
    public async Task<(string Address, Outcome Outcome)> KeepAsync(
        TenantId tenant, MemberId member, Picture picture, bool byStaff, CancellationToken cancellationToken)
    {
        var name = FileName.Of(secrets.Draw(FileName.RandomBytes), picture.Extension);
        var address = AvatarFiles.AddressOf(name);
        var reserved = new FileRemoval(tenant.Value, name.Text, Instant.Now(clock).Plus(AvatarFiles.ReservedFor));
        if (await lanes.SubmitAsync(new LaneWrite("avatars", Reach.Of(tenant)).Add(AvatarFiles.Let, reserved), cancellationToken) is Outcome.Failed failed)
        {
            return (address, failed);
        }

        try
        {
            await files.KeepAsync(name, picture.Bytes, cancellationToken);
        }
        catch (FileStoreUnavailableException)
        {
            return (address, new Outcome.Failed(new Refusal(ErrorCode.FileStoreUnavailable), Retryable: true));
        }

        var change = new ProfileChange { Avatar = address, ByStaff = byStaff };
        return (address, await lanes.SubmitAsync(new UpdateProfile(tenant, MemberReference.ById(member), change, books), cancellationToken));
    }
}
